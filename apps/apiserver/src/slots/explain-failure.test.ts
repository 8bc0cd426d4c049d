import { SlotFailure } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { explainFailure, type Evidence } from "./explain-failure.ts";
import { attemptOfB, HASH_B, kernelLog, NOW, PANIC_LOG } from "./slots.fixture.ts";

function explain(evidence: Partial<Evidence>): SlotFailure {
  const failure = explainFailure({
    slot: "B",
    rootHash: HASH_B,
    skipped: undefined,
    attempts: [],
    logs: [],
    now: NOW,
    ...evidence,
  });
  return SlotFailure.parse(failure);
}

describe("explainFailure()", () => {
  it("of a UKI that the selector could not load", () => {
    expect(explain({ skipped: "it is not a PE image" })).toEqual({
      slot: "B",
      root_hash: HASH_B,
      at: NOW,
      reason: "The selector could not start it: it is not a PE image",
      unmet: [],
      kernel_log: null,
    });
  });

  it("of a kernel that panicked, before its API came up", () => {
    expect(explain({ logs: [PANIC_LOG] })).toMatchObject({
      at: PANIC_LOG.at,
      reason: "Its kernel stopped: dm-verity device corrupted",
      unmet: [],
      kernel_log: expect.stringContaining("Rebooting in 10 seconds.."),
    });
  });

  it("of a kernel that panicked after its API came up: with both", () => {
    const failure = explain({ logs: [PANIC_LOG], attempts: [attemptOfB()] });
    expect(failure.reason).toContain("dm-verity");
    expect(failure.unmet).toEqual(attemptOfB().unmet);
  });

  it("of a boot that never got healthy, by what it lacked last", () => {
    const attempts = [attemptOfB({ unmet: [] }), attemptOfB({ boot_id: "boot-2" })];
    expect(explain({ attempts })).toMatchObject({
      at: "2026-05-01T11:00:00Z",
      reason: "It was not healthy when it was last seen, and was reset: containerd",
      unmet: [{ name: "containerd", reason: "containerd.service is failed" }],
    });
  });

  it("of a boot that was reset when all seemed well, or before anybody asked", () => {
    expect(explain({ attempts: [attemptOfB({ unmet: [] })] }).reason).toContain("It was healthy");
    expect(explain({ attempts: [attemptOfB({ unmet: null })] }).reason).toContain("before its API");
  });

  it("of a hang that the watchdog ended: nothing is known, and it says so", () => {
    expect(explain({})).toMatchObject({
      at: NOW,
      reason: expect.stringContaining("left no kernel log: it hung until the watchdog"),
      kernel_log: null,
    });
  });

  it("prefers the log with the panic, and gives at most the last 100 lines", () => {
    const lines = Array.from({ length: 300 }, (_, line) => `line ${line}`).join("\n");
    const oops = kernelLog("2", `${lines}\n`);
    expect(explain({ logs: [PANIC_LOG, oops] }).kernel_log).toContain("panic");
    const tail = explain({ logs: [oops] });
    expect(tail.kernel_log?.split("\n")).toHaveLength(100);
    expect(tail.kernel_log?.endsWith("line 299")).toBe(true);
    expect(tail.reason).toContain("used up its tries");
  });
});
