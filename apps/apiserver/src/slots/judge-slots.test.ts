import { describe, expect, it } from "vitest";
import { judgeSlots, type SlotFacts } from "./judge-slots.ts";
import { attemptOfB, HASH_B, kernelLog, NOW, PANIC_LOG, statusWith } from "./slots.fixture.ts";
import type { TrialRecord } from "./trial-file.ts";

const NOTHING: TrialRecord = { attempts: [], last_failure: null, seen_kernel_logs: [] };
const EMPTY = [0, 0, false] as const;
const USED_UP = [2, 0, false] as const;
const FAILED: TrialRecord["last_failure"] = {
  slot: "B",
  root_hash: HASH_B,
  at: NOW,
  reason: "as found before",
  unmet: [],
  kernel_log: null,
};

function judge(record: Partial<TrialRecord>, facts: Partial<SlotFacts>): TrialRecord {
  const all = { status: statusWith(EMPTY), skipped: undefined, logs: [], now: NOW, ...facts };
  return judgeSlots({ ...NOTHING, ...record }, all);
}

describe("judgeSlots()", () => {
  it.each([
    ["empty", [0, 0, false]],
    ["written but not upgraded to", [0, 2, false]],
    ["about to be tried", [2, 2, false]],
    ["proven, standing by", [1, 7, true]],
    ["proven, standing by without tries", [1, 0, true]],
  ] as const)("sees no failure of a slot that is %s", (_name, flags) => {
    const status = statusWith(flags, [2, 6, true]);
    expect(judge({}, { status, logs: [PANIC_LOG] }).last_failure).toBeNull();
  });

  it.each([
    ["has used up its tries", USED_UP, undefined],
    ["was passed over by the selector", [2, 1, false], "no PE image"],
    ["was proven, but came to no good end any more", [2, 0, true], undefined],
  ] as const)("explains a slot that %s", (_name, flags, skipped) => {
    const { last_failure } = judge({}, { status: statusWith(flags), skipped });
    expect(last_failure).toMatchObject({ slot: "B", root_hash: HASH_B, at: NOW });
  });

  it("explains with the attempts of exactly that slot and content, once", () => {
    const attempts = [
      attemptOfB(),
      attemptOfB({ boot_id: "2", root_hash: "c".repeat(64), unmet: [] }),
      attemptOfB({ boot_id: "3", slot: "A", unmet: [] }),
    ];
    const judged = judge({ attempts }, { status: statusWith(USED_UP) });
    expect(judged.last_failure?.unmet).toEqual(attemptOfB().unmet);
    expect(judged.attempts).toEqual([]);
  });

  it("keeps an explanation while the failure lasts, whatever the running slot does later", () => {
    const record = { last_failure: FAILED };
    const judged = judge(record, { status: statusWith(USED_UP), logs: [PANIC_LOG] });
    expect(judged.last_failure).toEqual(FAILED);
  });

  it("explains anew after another attempt with the same content", () => {
    const record = { last_failure: FAILED, attempts: [attemptOfB()] };
    const judged = judge(record, { status: statusWith(USED_UP) });
    expect(judged.last_failure?.reason).toContain("containerd");
  });

  it("uses a kernel log once: what was there before belongs to nobody", () => {
    const old = kernelLog("1", "Kernel panic - not syncing: long ago");
    const judged = judge(
      { seen_kernel_logs: ["1", "gone"] },
      { status: statusWith(USED_UP), logs: [old] },
    );
    expect(judged.last_failure?.kernel_log).toBeNull();
    expect(judged.seen_kernel_logs).toEqual(["1"]);
  });

  it("forgets a failure when an operator clears the slot, or it is written or tried anew", () => {
    const record = { last_failure: FAILED };
    expect(judge(record, { status: statusWith(EMPTY) }).last_failure).toBeNull();
    expect(judge(record, { status: statusWith([2, 2, false]) }).last_failure).toBeNull();
    const other = { last_failure: { ...FAILED, root_hash: "c".repeat(64) } };
    expect(judge(other, { status: statusWith([1, 7, true]) }).last_failure).toBeNull();
  });

  it("remembers that a proven slot failed although the mark of the other gave it tries", () => {
    const record = { last_failure: FAILED };
    expect(judge(record, { status: statusWith([1, 2, true]) }).last_failure).toEqual(FAILED);
  });

  it("forgets the failure of a slot that runs again", () => {
    const record = { last_failure: { ...FAILED, slot: "A" as const } };
    expect(judge(record, { status: statusWith([1, 7, true]) }).last_failure).toBeNull();
  });

  it("leaves the record alone while it is not certain which slot runs", () => {
    const record = { ...NOTHING, attempts: [attemptOfB()], last_failure: FAILED };
    const status = { ...statusWith(USED_UP), active: null };
    expect(judgeSlots(record, { status, skipped: undefined, logs: [PANIC_LOG], now: NOW })).toEqual(
      record,
    );
  });
});
