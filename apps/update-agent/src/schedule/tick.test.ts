import type { UpdatesStatus } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryClock, createMemoryExec, createMemoryFs } from "@ballast/system";
import { expect, it } from "vitest";
import { PATHS } from "../paths.ts";
import { CONFIG, HOUR, MACHINE, MINUTE, statusOf } from "./schedule.fixture.ts";
import { runTick } from "./tick.ts";

const AVAILABLE = statusOf("Available", { chosen: "1.1.0" });
const STAGED = statusOf("Staged", { chosen: "1.1.0", written: "1.1.0" });
const READY = statusOf("Ready", { chosen: "1.1.0", written: "1.1.0" });
const REFUSED = { error: { code: "update-agent.repository", message: "No route", hint: null } };
const BUSY = { error: { code: "update-agent.busy", message: "busy", hint: null } };

/** What a unit leaves: an answer, and a status; `undefined` is a program that was ended before it could answer. */
interface Left {
  readonly answer?: unknown;
  readonly status?: UpdatesStatus;
}

/** A machine whose units do at once what is told of them. */
function machine(units: Readonly<Record<string, Left>>, config: object = CONFIG) {
  const fs = createMemoryFs({ [PATHS.config]: JSON.stringify(config), [PATHS.slotMarked]: "" });
  const calls: string[] = [];
  const words: string[] = [];
  const state = { upMs: HOUR, unit: "inactive", rebootExitCode: 0, objections: [] as object[] };
  let asked = 0;
  const leave = async (command: string): Promise<void> => {
    const { answer, status } = units[command] ?? {};
    const text = answer === undefined ? "" : JSON.stringify(answer);
    await fs.writeDurable(`${PATHS.answers}/${command}.json`, text, 0o644);
    if (status !== undefined) await fs.writeDurable(PATHS.status, JSON.stringify(status), 0o644);
  };
  const exec = createMemoryExec({
    [PATHS.systemctl]: ({ args }) => {
      const what = args.filter((arg) => !arg.startsWith("--")).join(" ");
      if (!what.startsWith("show")) calls.push(what);
      const [, command] = /^start update-agent@(\w+)\.service$/.exec(what) ?? [];
      // The memory adapter writes before anybody can read.
      if (command !== undefined) void leave(command);
      const exitCode = what === "reboot" ? state.rebootExitCode : 0;
      return { exitCode, stdout: `ActiveState=${state.unit}\nJob=0\n`, stderr: "no" };
    },
  });
  const parts = {
    fs,
    exec,
    clock: createMemoryClock(),
    log: createLog({ write: (line) => void words.push(line), journal: false }),
    upMs: () => state.upMs,
    isProven: async () => fs.exists(PATHS.slotMarked),
    ask: async () => {
      asked += 1;
      return {
        health: MACHINE.health,
        isCommitWaiting: false,
        objections: state.objections.map(() => ({ who: "backup", why: "it runs" })),
      };
    },
  };
  return { fs, parts, calls, words, state, asked: () => asked };
}

it("goes from a look to a restart, and does not wait for the writing", async () => {
  const one = machine({
    check: { answer: {}, status: AVAILABLE },
    prepare: { answer: {}, status: STAGED },
    activate: { answer: {}, status: READY },
  });
  one.state.unit = "activating";
  expect(await runTick(one.parts)).toEqual({
    did: ["check", "prepare"],
    reason: "prepare is running",
  });
  expect(await runTick(one.parts)).toMatchObject({ did: [], reason: "prepare is running" });
  one.state.unit = "inactive";
  expect(await runTick(one.parts)).toEqual({
    did: ["activate", "reboot"],
    reason: "the machine restarts",
  });
  expect(one.calls).toEqual([
    "start update-agent@check.service",
    "start update-agent@prepare.service",
    "start update-agent@activate.service",
    "reboot",
  ]);
  expect(await one.fs.readText(PATHS.scheduledReboots)).toBe('{"version":"1.1.0","count":1}\n');
});

it("is silent and asks nobody while there is nothing to do", async () => {
  const one = machine({ check: { answer: {}, status: statusOf("Idle") } });
  await runTick(one.parts);
  one.words.length = 0;
  one.state.upMs += 15 * MINUTE;
  expect(await runTick(one.parts)).toEqual({ did: [], reason: "there is no update" });
  expect([one.calls.length, one.asked(), one.words]).toEqual([1, 0, []]);
});

it.each([
  ["a refusal", { answer: REFUSED }],
  ["no answer", {}],
])("%s is a failure: not again at the next tick, but later", async (_name, left) => {
  const one = machine({ check: left });
  expect(await runTick(one.parts)).toMatchObject({ did: ["check"] });
  one.state.upMs += 14 * MINUTE;
  expect(await runTick(one.parts)).toMatchObject({ did: [] });
  one.state.upMs += MINUTE;
  expect(await runTick(one.parts)).toMatchObject({ did: ["check"] });
});

it("a prepare that was stopped in the middle is a failure of it", async () => {
  const one = machine({ check: { answer: {}, status: AVAILABLE } });
  await runTick(one.parts);
  expect(await runTick(one.parts)).toMatchObject({
    did: [],
    reason: "preparing 1.1.0 failed before",
  });
});

it.each([
  ["deactivate", "Success"],
  ["prepare", "Stopped"],
] as const)(
  "a prepare that an operator ended (%s: %s) is not begun again",
  async (cmd_type, cmd_status) => {
    const one = machine({ check: { answer: {}, status: AVAILABLE } });
    await runTick(one.parts);
    const last = { cmd_type, cmd_status, timestamp: "", exit_status: 0, stderr: "" };
    const status = { ...AVAILABLE, most_recent_command: last };
    await one.fs.writeDurable(PATHS.status, JSON.stringify(status), 0o644);
    one.state.upMs += 16 * MINUTE;
    expect(await runTick(one.parts)).toMatchObject({
      did: [],
      reason: "1.1.0 was prepared before in this boot, and taken back",
    });
  },
);

it("progress that a killed command has left keeps nothing from being done", async () => {
  const progress = {
    ...{ command: "prepare" as const, phase: "write" as const, remaining_seconds: null },
    ...{ done_bytes: 1, total_bytes: 2, fetched_bytes: 1, bytes_per_second: 1 },
  };
  const one = machine({ check: { answer: {}, status: { ...STAGED, progress } } });
  expect(await runTick(one.parts)).toMatchObject({ did: ["check", "activate"] });
});

it("what somebody else runs is no failure", async () => {
  const one = machine({ check: { answer: BUSY } });
  expect(await runTick(one.parts)).toEqual({ did: [], reason: "another command is running" });
  expect(await runTick(one.parts)).toEqual({ did: [], reason: "another command is running" });
  expect(one.calls).toHaveLength(2);
});

it("objections hold it off, and are told when they are passed over", async () => {
  const one = machine({ check: { answer: {}, status: READY } });
  one.state.objections = [{}];
  expect((await runTick(one.parts)).reason).toBe("the restart waits: backup objects: it runs");
  one.state.upMs += 61 * MINUTE;
  expect(await runTick(one.parts)).toMatchObject({ did: ["check", "reboot"] });
  expect(one.words.join("")).toContain("backup");
});

it("without a count of restarts there is no restart", async () => {
  const one = machine({ check: { answer: {}, status: READY } });
  const fs = {
    ...one.fs,
    writeDurable: async (path: string, text: string, mode: number) => {
      if (path === PATHS.scheduledReboots) throw new Error("disk is full");
      await one.fs.writeDurable(path, text, mode);
    },
  };
  await expect(runTick({ ...one.parts, fs })).rejects.toThrow("disk is full");
  expect(one.calls).not.toContain("reboot");
});

it("a restart that systemd refuses is an error", async () => {
  const one = machine({ check: { answer: {}, status: READY } });
  one.state.rebootExitCode = 1;
  await expect(runTick(one.parts)).rejects.toMatchObject({ code: "update-agent.reboot" });
});

it.each([
  ["no file", undefined, "update-agent.not-configured"],
  ["a broken one", "{", "update-agent.bad-config"],
  ["one of another version", JSON.stringify({ ...CONFIG, more: 1 }), "update-agent.bad-config"],
])("settings: %s", async (_name, text, code) => {
  const one = machine({});
  await one.fs.remove(PATHS.config);
  if (text !== undefined) await one.fs.writeDurable(PATHS.config, text, 0o644);
  await expect(runTick(one.parts)).rejects.toMatchObject({ code });
  expect(one.calls).toEqual([]);
});

it("a memory that cannot be read is begun anew", async () => {
  const one = machine(
    { check: { answer: {}, status: AVAILABLE } },
    { ...CONFIG, automatic: "check" },
  );
  await one.fs.writeDurable(PATHS.scheduleMemory, '{"checked_at_ms":"x"}', 0o600);
  expect(await runTick(one.parts)).toMatchObject({ did: ["check"] });
  expect(one.words.join("")).toContain("cannot be read");
});
