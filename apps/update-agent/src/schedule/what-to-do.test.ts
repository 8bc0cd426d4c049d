import { describe, expect, it } from "vitest";
import { NO_MEMORY, noteFailure, noteSuccess, underConfig } from "./memory.ts";
import { CHECKED, CONFIG, HOUR, MACHINE, MINUTE, situation, statusOf } from "./schedule.fixture.ts";
import { whatToDo, type Situation } from "./what-to-do.ts";

const AVAILABLE = statusOf("Available", { chosen: "1.1.0" });
const STAGED = statusOf("Staged", { chosen: "1.1.0", written: "1.1.0" });
const READY = statusOf("Ready", { chosen: "1.1.0", written: "1.1.0" });

/** `check`, `reboot` …, or why nothing. */
function decide(changes: Partial<Situation> = {}): string {
  const { decision } = whatToDo(situation(changes));
  if (decision.do === "nothing") return decision.reason;
  return decision.do === "run" ? decision.command : decision.do;
}

describe("how far the schedule goes", () => {
  it.each([
    ["off", AVAILABLE, "the schedule is off"],
    ["check", AVAILABLE, "1.1.0 may be prepared"],
    ["prepare", AVAILABLE, "prepare"],
    ["prepare", STAGED, "1.1.0 is written"],
    ["activate", AVAILABLE, "prepare"],
    ["activate", STAGED, "activate"],
    ["activate", READY, "1.1.0 starts next"],
    ["reboot", AVAILABLE, "prepare"],
    ["reboot", STAGED, "activate"],
    ["reboot", READY, "reboot"],
    ["reboot", statusOf("Idle"), "there is no update"],
  ] as const)("automatic = %s, %j: %s", (automatic, status, expected) => {
    expect(decide({ config: { ...CONFIG, automatic }, status })).toBe(expected);
  });

  it("nothing is asked while the schedule is off, or there is nobody to ask", () => {
    const memory = NO_MEMORY;
    expect(decide({ memory, config: { ...CONFIG, automatic: "off" } })).toMatch(/off/);
    expect(decide({ memory, config: { ...CONFIG, metadata_url: null } })).toMatch(/no repository/);
  });
});

describe("looking for updates", () => {
  it.each([
    ["the first time", { memory: NO_MEMORY, status: undefined }, "check"],
    ["within the hour", { upMs: 2 * HOUR - 1 }, "there is no update"],
    ["an hour later", { upMs: 2 * HOUR }, "check"],
    ["an hour later, before a restart", { upMs: 2 * HOUR, status: READY }, "check"],
    ["a clock that was set to 1970", { nowMs: 0 }, "there is no update"],
    ["a clock that was set to 2100", { nowMs: Date.parse("2100-01-01") }, "there is no update"],
  ])("%s", (_name, changes, expected) => {
    expect(decide(changes)).toBe(expected);
  });

  it("what an earlier boot learnt is not acted on before the repository has answered", () => {
    const failed = noteFailure(NO_MEMORY, "check", HOUR);
    expect(decide({ memory: failed, status: READY })).toBe("the repository has not answered yet");
  });
});

describe("what failed", () => {
  it.each([
    [1, 15],
    [2, 30],
    [3, 60],
    [7, 960],
    [8, 1440],
    [40, 1440],
  ])("%i times waits %i minutes", (count, minutes) => {
    let memory = CHECKED;
    for (let times = 0; times < count; times += 1) memory = noteFailure(memory, "prepare", HOUR);
    const at = (upMs: number) =>
      decide({ memory: { ...memory, checked_at_ms: upMs }, status: AVAILABLE, upMs });
    expect(at(HOUR + minutes * MINUTE - 1)).toBe("preparing 1.1.0 failed before");
    expect(at(HOUR + minutes * MINUTE)).toBe("prepare");
  });

  it("is tried anew at once with other settings, and forgotten when it succeeds", () => {
    const memory = noteFailure(underConfig(CHECKED, "a"), "prepare", HOUR);
    expect(decide({ memory: underConfig(memory, "a"), status: AVAILABLE })).toMatch(/failed/);
    expect(decide({ memory: underConfig(memory, "b"), status: AVAILABLE })).toBe("prepare");
    expect(noteSuccess(memory, "prepare", "1.1.0", HOUR).failures).toEqual({});
  });

  it("a failing check does not keep what is known from being prepared", () => {
    const memory = noteFailure({ ...CHECKED, checked_at_ms: 0 }, "check", 5 * HOUR);
    expect(decide({ memory, status: AVAILABLE, upMs: 5 * HOUR })).toBe("prepare");
  });

  it("nothing is begun while what was begun runs", () => {
    const pending = { command: "prepare" as const, version: "1.1.0" };
    expect(decide({ memory: { ...CHECKED, pending }, upMs: 9 * HOUR })).toBe("prepare is running");
  });
});

describe("what an operator took back stays so until the next boot", () => {
  it.each([
    ["prepared", AVAILABLE, "1.1.0 was prepared before in this boot, and taken back"],
    ["activated", STAGED, "1.1.0 was activated once in this boot, and taken back"],
  ] as const)("%s", (what, status, expected) => {
    expect(decide({ memory: { ...CHECKED, [what]: ["1.1.0"] }, status })).toBe(expected);
    expect(decide({ memory: { ...CHECKED, [what]: ["1.0.5"] }, status })).not.toBe(expected);
  });
});

describe("versions that change", () => {
  it("a newer one takes the place of one that is written, or activated", () => {
    for (const state of ["Staged", "Ready"] as const)
      expect(decide({ status: statusOf(state, { chosen: "1.2.0", written: "1.1.0" }) })).toBe(
        "prepare",
      );
  });

  it("never restarts into what is not chosen any more, and takes back what it activated itself", () => {
    const releases = [
      { version: "1.1.0", obstacle: { kind: "withdrawn" as const, max_version: "1.0.0" } },
    ];
    const status = statusOf("Ready", { written: "1.1.0", releases });
    expect(decide({ status })).toBe("there is no update");
    const memory = { ...CHECKED, activated: ["1.1.0"] };
    expect(decide({ status, memory })).toBe("cancel");
    expect(decide({ status, memory: noteFailure(memory, "cancel", HOUR) })).toMatch(/failed/);
    expect(decide({ status: statusOf("Staged", { written: "1.1.0", releases }), memory })).toBe(
      "there is no update",
    );
  });
});

const STARTING = { ...MACHINE, health: { status: "starting" as const, checks: [] } };
const WAITING = { ...MACHINE, isCommitWaiting: true };
const UNHEALTHY = {
  ...MACHINE,
  health: {
    status: "degraded" as const,
    checks: [{ name: "health.web", status: "failed" as const, reason: "503" }],
  },
};
const IN_MEMORY = {
  ...MACHINE,
  health: {
    status: "healthy" as const,
    checks: [{ name: "state", status: "warning" as const, reason: "in memory" }],
  },
};

describe("a machine that must not be disturbed", () => {
  it.each([
    ["on trial", { ...MACHINE, isProven: false }, /on trial/],
    ["with a commit that waits", WAITING, /a commit waits/],
    ["without an API server", { ...MACHINE, health: undefined }, /does not answer/],
    ["that is starting", STARTING, /not healthy/],
    ["that is unhealthy", UNHEALTHY, /not healthy: health.web/],
    ["that keeps nothing", IN_MEMORY, /would not last: in memory/],
  ])("%s", (_name, machine, reason) => {
    expect(decide({ machine, status: STAGED })).toMatch(reason);
    expect(decide({ machine, status: READY })).toMatch(reason);
  });

  it("on trial does not overwrite the slot that it would fall back to", () => {
    const machine = { ...MACHINE, isProven: false };
    expect(decide({ machine, status: AVAILABLE })).toBe("the running slot is on trial");
  });

  it("leaves a withdrawn version though it is unhealthy, but not with a commit that waits", () => {
    const pull = { chosen: "0.9.0", written: "0.9.0", pull_back: true };
    expect(decide({ machine: UNHEALTHY, status: statusOf("Ready", pull) })).toBe("reboot");
    expect(decide({ machine: WAITING, status: statusOf("Ready", pull) })).toMatch(/waits/);
    expect(decide({ machine: IN_MEMORY, status: statusOf("Ready", pull) })).toMatch(/not last/);
  });
});

describe("the window", () => {
  // 2026-06-03, a Wednesday, at noon.
  const window = { days: ["wednesday" as const], start: "13:00", length_minutes: 60 };
  const config = { ...CONFIG, window };
  const at = (time: string) => Date.parse(`2026-06-03T${time}Z`);

  it.each([
    [AVAILABLE, "12:00", "prepare"],
    [STAGED, "12:00", "1.1.0 waits: it is not its time of the window"],
    [STAGED, "13:00", "activate"],
    [READY, "12:59", "the restart waits: it is not its time of the window"],
    [READY, "13:59", "reboot"],
    [READY, "14:00", "the restart waits: it is not its time of the window"],
  ])("%j at %s: %s", (status, time, expected) => {
    expect(decide({ config, status, nowMs: at(time) })).toBe(expected);
  });

  it("without one a machine waits its jitter from when it first saw what is written", () => {
    const late = { ...CONFIG, seed: null, jitter_minutes: 30 };
    const first = whatToDo(situation({ config: late, status: STAGED }));
    expect(first.decision).toMatchObject({ reason: expect.stringContaining("other machines") });
    const { memory } = first;
    const after = (minutes: number) =>
      decide({ config: late, status: STAGED, memory, upMs: HOUR + MINUTE + minutes * MINUTE });
    expect([after(29), after(30)]).toEqual(["1.1.0 waits: other machines go first", "activate"]);
  });
});

describe("inhibitors", () => {
  const objections = [{ who: "backup", why: "a backup runs" }];

  it("hold off a restart, for the limit from when it was due, whoever objects then", () => {
    const first = whatToDo(situation({ status: READY, objections }));
    expect(first.decision).toMatchObject({
      reason: "the restart waits: backup objects: a backup runs",
    });
    const later = (minutes: number) =>
      whatToDo(
        situation({
          status: READY,
          objections: [{ who: "other", why: "x" }],
          memory: { ...first.memory, checked_at_ms: HOUR + minutes * MINUTE },
          upMs: HOUR + MINUTE + minutes * MINUTE,
        }),
      ).decision;
    expect(later(59)).toMatchObject({ do: "nothing" });
    expect(later(60)).toEqual({
      do: "reboot",
      version: "1.1.0",
      overridden: [{ who: "other", why: "x" }],
    });
  });

  it("do not count before the restart is due, nor with a limit of 0", () => {
    const config = { ...CONFIG, reboot_inhibit_limit_minutes: 0 };
    expect(decide({ config, status: READY, objections })).toBe("reboot");
    const early = whatToDo(situation({ status: READY, objections, machine: WAITING }));
    expect(early.memory.reboot_due).toBeNull();
    expect(decide({ status: STAGED, objections })).toBe("activate");
  });
});

it("a version that does not start gets three restarts", () => {
  expect(decide({ status: READY, rebootsBefore: 2 })).toBe("reboot");
  expect(decide({ status: READY, rebootsBefore: 3 })).toBe("1.1.0 did not start after 3 restarts");
});
