import type { UpdateProgress, UpdatesStatus } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { planLines } from "./plan-text.ts";
import { progressText } from "./progress-text.ts";
import { AVAILABLE, IDLE, image, PLAN, READY, STAGED, WRITING } from "./status.fixture.ts";
import { statusLines } from "./status-text.ts";

const LOOKED = "Last looked 2026-05-01T11:30:00Z";

describe("statusLines()", () => {
  it.each<[Partial<UpdatesStatus>, string]>([
    [{}, "1.2.3 runs; there is nothing to do"],
    [AVAILABLE, "1.2.3 runs; 1.3.0 can be had: apiclient update apply"],
    [STAGED, "1.2.3 runs; 1.3.0 is in the other slot: apiclient update activate"],
    [READY, "1.2.3 runs; 1.3.0 boots next: apiclient reboot"],
    [
      { ...AVAILABLE, pull_back: true, chosen_update: image("1.2.2") },
      "1.2.3 runs and was withdrawn; 1.2.2 can be had: apiclient update apply",
    ],
  ])("says what is and what to do next: %j", (changes, line) => {
    expect(statusLines({ ...IDLE, ...changes })).toEqual([line, LOOKED]);
  });

  it("says that nobody has looked", () => {
    expect(statusLines({ ...IDLE, checked_at: null })).toEqual([
      "1.2.3 runs; no update is known",
      "Nobody has looked yet: apiclient update check",
    ]);
  });

  it("says why newer ones are not taken, and nothing of older ones", () => {
    const releases = [
      { version: "1.6.0", obstacle: { kind: "selector", needs: 4 } },
      { version: "1.5.0", obstacle: { kind: "withdrawn", max_version: "1.4.0" } },
      { version: "1.4.0", obstacle: { kind: "wave", ready_at: "2026-06-01T00:00:00.000Z" } },
      { version: "1.3.9", obstacle: { kind: "failed-here" } },
      { version: "1.3.8", obstacle: { kind: "locked", version: "1.2.3" } },
      { version: "1.2.3", obstacle: { kind: "current" } },
      { version: "1.2.2", obstacle: { kind: "older" } },
    ] as const;
    expect(statusLines({ ...IDLE, releases: [...releases] })).toEqual([
      "1.2.3 runs; there is nothing to do",
      "1.6.0 is not taken: it needs a slot selector of version 4",
      "1.5.0 is not taken: it was withdrawn, the newest is 1.4.0",
      "1.4.0 is not taken: your turn is on 2026-06-01T00:00:00Z; --ignore-waves does not wait",
      "1.3.9 is not taken: it failed here; apiclient update apply --force takes it all the same",
      "1.3.8 is not taken: the settings hold this machine to 1.2.3 (updates.version-lock)",
      LOOKED,
    ]);
  });

  it("says what goes on, what failed and what holds off", () => {
    const last: UpdatesStatus["most_recent_command"] = {
      cmd_type: "prepare",
      cmd_status: "Failed",
      timestamp: "2026-05-01T12:00:00Z",
      exit_status: 1,
      stderr: "Cannot fetch\n",
    };
    const failed = [
      { version: "1.3.1", root_hash: "aa", at: "2026-05-01T10:00:00Z", reason: "not healthy" },
    ];
    const inhibitors = [{ who: "db", why: "backup", until: "2026-05-01T13:00:00Z" }];
    const status = { ...IDLE, progress: WRITING, most_recent_command: last, failed, inhibitors };
    expect(statusLines(status).slice(1)).toEqual([
      "Writing: 25 %, 47.7 MiB of 190.7 MiB, 11.4 MiB fetched, 4.8 MiB/s, 30 s left",
      "The last prepare failed, 2026-05-01T12:00:00Z: Cannot fetch",
      "1.3.1 did not stay, as of 2026-05-01T10:00:00Z: not healthy",
      "db holds off a restart until 2026-05-01T13:00:00Z: backup",
      LOOKED,
    ]);
  });
});

describe("progressText()", () => {
  it("leaves out what nobody knows", () => {
    const nothing: UpdateProgress = {
      ...{ ...WRITING, command: "refresh", phase: "metadata", done_bytes: 0, total_bytes: 0 },
      ...{ fetched_bytes: 0, bytes_per_second: 0, remaining_seconds: null },
    };
    expect(progressText(nothing)).toBe("Asking the repository…");
    expect(progressText({ ...nothing, fetched_bytes: 500, bytes_per_second: 2e6 })).toBe(
      "Asking the repository: 1 KiB fetched, 1.9 MiB/s",
    );
    expect(progressText({ ...WRITING, remaining_seconds: 3700 })).toContain("1 h 2 min left");
  });
});

describe("planLines()", () => {
  it("says what would be done and what would refuse", () => {
    expect(planLines(PLAN)).toEqual([
      "1.3.0 instead of 1.2.3",
      "  to fetch        11.4 MiB",
      "  from here       171.7 MiB",
      "  BALLAST-ROOT-B  190.7 MiB of 512.0 MiB",
      "  settings        brought into its form when the version starts",
      "  restarts        the machine, and so every service and container",
    ]);
    const migrations = [
      { to: "1.2.9", describe: "a becomes b" },
      { to: "1.2.8", describe: "c goes" },
    ];
    const back = {
      ...PLAN,
      ...{ version: "1.2.2", downgrade: true, settings_migrations: migrations, services: ["x"] },
      obstacles: [{ code: "c", message: "No space", hint: "Make some." }],
    };
    expect(planLines(back)).toEqual(
      expect.arrayContaining([
        "Back to 1.2.2 from 1.2.3",
        "  settings        1.2.9: a becomes b; 1.2.8: c goes",
        "  restarts        x",
        "Would be refused: No space. Make some.",
      ]),
    );
    expect(planLines({ ...PLAN, version: null })).toEqual(["1.2.3 runs; there is nothing to do"]);
  });
});
