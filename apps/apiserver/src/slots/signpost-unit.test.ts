import { createMemoryExec, createMemoryFs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { SignpostRollback } from "./signpost-answer.ts";
import { UnitRefusal } from "../units/unit-answer.ts";
import { runSignpost } from "./signpost-unit.ts";

function run(answer: string | undefined, exitCode = 0) {
  const calls: string[] = [];
  const file = "/run/ballast/signpost/rollback-to-inactive.json";
  const parts = {
    fs: createMemoryFs(answer === undefined ? {} : { [file]: answer }),
    exec: createMemoryExec({
      "/usr/bin/systemctl": ({ args }) => {
        calls.push(args.join(" "));
        return { exitCode, stdout: "", stderr: "Unit is masked.\n" };
      },
    }),
  };
  return { calls, answer: runSignpost(parts, "rollback-to-inactive", SignpostRollback) };
}

describe("runSignpost()", () => {
  it("starts the unit of the command and reads its answer", async () => {
    const { calls, answer } = run('{"next": "B", "changed": true}\n');
    expect(await answer).toEqual({ next: "B" });
    expect(calls).toEqual(["--no-ask-password start signpost@rollback-to-inactive.service"]);
  });

  it("rejects with the words of signpost when it refuses", async () => {
    const error = { code: "gpt.slot-not-bootable", message: "Cannot roll back", hint: "Do this." };
    const { answer } = run(JSON.stringify({ error }));
    await expect(answer).rejects.toThrow(UnitRefusal);
    await expect(answer).rejects.toMatchObject(error);
  });

  it.each([undefined, "", '{"next":', '{"next": "C"}', "[]"])(
    "does not take %j for an answer",
    async (text) => {
      await expect(run(text).answer).rejects.toMatchObject({ code: "apiserver.command-failed" });
    },
  );

  it("does not take an old answer for that of a unit which did not run", async () => {
    await expect(run('{"next": "B"}', 1).answer).rejects.toThrow("Unit is masked.");
  });
});
