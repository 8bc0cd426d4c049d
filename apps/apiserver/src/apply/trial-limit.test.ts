import { createMemoryExec } from "@ballast/system";
import { expect, it } from "vitest";
import { trialLimitHook } from "./trial-limit.ts";

function hook(isTrial: boolean, exitCode = 0) {
  const calls: string[] = [];
  const exec = createMemoryExec({
    "/usr/bin/systemctl": ({ args }) => {
      calls.push(args.join(" "));
      return { exitCode, stdout: "", stderr: "no" };
    },
  });
  return { calls, run: trialLimitHook(exec, async () => isTrial) };
}

it.each([
  [true, true, ["--no-ask-password daemon-reload"]],
  [true, false, []],
  [false, true, []],
])("on trial %j with a new file %j: %j", async (isTrial, hasNewFiles, expected) => {
  const { run, calls } = hook(isTrial);
  expect(await run(new Map(), hasNewFiles)).toBe(expected.length > 0);
  expect(calls).toEqual(expected);
});

it("a limit that systemd does not take is told", async () => {
  await expect(hook(true, 1).run(new Map(), true)).rejects.toThrow(
    'Cannot daemon-reload: systemctl says "no"',
  );
});
