import type { Health, Os } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { recordAttempt, type AttemptFacts } from "./record-attempt.ts";
import { HASH_B, NOW } from "./slots.fixture.ts";
import type { TrialRecord } from "./trial-file.ts";

const NOTHING: TrialRecord = { attempts: [], last_failure: null, seen_kernel_logs: ["1"] };
const OS: Os = {
  pretty_name: "Ballast",
  variant_id: "standalone",
  version_id: "2.0.0",
  build_id: "b",
  arch: "x86_64",
  slot: "B",
  root_hash: HASH_B,
};
const SICK: Health = {
  status: "degraded",
  checks: [
    { name: "settings", status: "ok" },
    { name: "certificates", status: "warning", reason: "has ended" },
    { name: "containerd", status: "waiting", reason: "containerd.service is activating" },
    { name: "health.web", status: "failed" },
  ],
};

function record(before: TrialRecord, facts: Partial<AttemptFacts> = {}): TrialRecord {
  return recordAttempt(before, { os: OS, bootId: "boot-1", now: NOW, health: undefined, ...facts });
}

describe("recordAttempt()", () => {
  it("begins with what is known at once", () => {
    expect(record(NOTHING)).toEqual({
      ...NOTHING,
      attempts: [
        {
          boot_id: "boot-1",
          slot: "B",
          root_hash: HASH_B,
          version: "2.0.0",
          started_at: NOW,
          unmet: null,
        },
      ],
    });
  });

  it("holds what health lacked last, with the time of the start", () => {
    const begun = record(NOTHING);
    const sick = record(begun, { health: SICK, now: "later" });
    expect(sick.attempts).toEqual([
      expect.objectContaining({
        started_at: NOW,
        unmet: [
          { name: "containerd", reason: "containerd.service is activating" },
          { name: "health.web", reason: "no reason given" },
        ],
      }),
    ]);
    const well = record(sick, { health: { status: "healthy", checks: [] } });
    expect(well.attempts[0]?.unmet).toEqual([]);
  });

  it("does not forget it when the server is restarted", () => {
    const sick = record(record(NOTHING), { health: SICK });
    expect(record(sick)).toEqual(sick);
  });

  it("keeps boots apart, and not too many", () => {
    let all = NOTHING;
    for (let boot = 0; boot < 20; boot += 1) all = record(all, { bootId: `boot-${boot}` });
    expect(all.attempts).toHaveLength(8);
    expect(all.attempts.at(-1)?.boot_id).toBe("boot-19");
  });

  it.each([
    { bootId: undefined },
    { os: { ...OS, slot: null } },
    { os: { ...OS, root_hash: null } },
  ])("records nothing that could be taken for another boot: %j", (facts) => {
    expect(record(NOTHING, facts)).toEqual(NOTHING);
  });
});
