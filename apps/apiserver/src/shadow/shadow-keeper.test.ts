import { setTimeout as delay } from "node:timers/promises";
import { createLog } from "@ballast/service";
import { createMemoryFs, type Exec } from "@ballast/system";
import { expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { createShadowKeeper } from "./shadow-keeper.ts";

function keeper(files: Readonly<Record<string, string>>, exitCode = 0) {
  const calls: string[] = [];
  const lines: string[] = [];
  const running = { now: 0, most: 0 };
  const exec: Pick<Exec, "run"> = {
    run: async ({ args }) => {
      calls.push(args.join(" "));
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      await delay(30);
      running.now -= 1;
      return { exitCode, stdout: "", stderr: exitCode === 0 ? "" : "no\n" };
    },
  };
  const log = createLog({ write: (line) => lines.push(line), journal: false });
  const shadow = createShadowKeeper({ fs: createMemoryFs(files), exec, log, delayMs: 20 });
  return { calls, lines, running, shadow };
}

const RAN = { [PATHS.lastRun]: "{}" };
const START = "--no-ask-password start settings-shadow.service";

it("commits of one moment are one refresh, and one during a refresh is another", async () => {
  const { calls, running, shadow } = keeper(RAN);
  shadow.changed();
  shadow.changed();
  expect(calls).toEqual([]);
  await delay(35);
  expect(calls).toEqual([START]);
  shadow.changed();
  await shadow.settle();
  expect(calls).toEqual([START, START]);
  expect(running.most).toBe(1);
  await shadow.settle();
  await delay(40);
  expect(calls).toHaveLength(2);
});

it("starts nothing on a machine on which no other version has run", async () => {
  const { calls, shadow } = keeper({});
  shadow.changed();
  await shadow.settle();
  expect(calls).toEqual([]);
});

it("goes on after a failure, and says it", async () => {
  const { calls, lines, shadow } = keeper(RAN, 1);
  for (const _ of [1, 2]) {
    shadow.changed();
    await shadow.settle();
  }
  expect(calls).toHaveLength(2);
  expect(lines).toEqual([
    "warn: Settings for the other version are not refreshed reason=no\n",
    "warn: Settings for the other version are not refreshed reason=no\n",
  ]);
});
