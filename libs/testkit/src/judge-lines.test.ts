import { describe, expect, it } from "vitest";
import { ALLOWED_LINES, GROWN_DISK } from "./allowed-lines.ts";
import { judgeConsole, judgeJournal } from "./judge-lines.ts";

const kernel = (priority: number, message: string) => ({
  priority,
  isKernel: true,
  source: "kernel",
  message,
});

describe("judgeJournal()", () => {
  it("takes warnings of the kernel and errors of the rest", () => {
    const lines = [
      kernel(4, "clocksource is unstable"),
      kernel(5, "a notice"),
      { priority: 4, isKernel: false, source: "systemd", message: "a warning" },
      { priority: 3, isKernel: false, source: "systemd", message: "Failed to start x" },
    ];
    expect(judgeJournal(lines, [])).toEqual([
      "journal: kernel<4>: clocksource is unstable",
      "journal: systemd<3>: Failed to start x",
    ]);
  });

  it("excuses what is allowed, and a table that is not at the end only where a disk grows", () => {
    const line = kernel(4, "GPT:Primary header thinks Alt. header is not at the end of the disk.");
    expect(judgeJournal([line], [...ALLOWED_LINES, GROWN_DISK])).toEqual([]);
    expect(judgeJournal([line], ALLOWED_LINES)).toHaveLength(1);
    const damage = kernel(4, "GPT: last_usable_lba incorrect: 3E8 > 3E7");
    expect(judgeJournal([damage], [...ALLOWED_LINES, GROWN_DISK])).toHaveLength(1);
  });
});

describe("judgeConsole()", () => {
  it.each([
    "[    1.2] Kernel panic - not syncing: dm-verity device corrupted",
    "[FAILED] Failed to start x.service",
    "ballast login:",
    "[    3.4] WARNING: CPU: 0 PID: 1 at kernel/x.c",
    "[    3.456789] virtio_blk virtio1: any error at all",
    "[ TIME ] Timed out waiting for device x.",
  ])("finds %j", (line) => {
    expect(judgeConsole([line], [])).toEqual([`console: ${line}`]);
  });

  it("leaves ordinary lines alone and cuts off the kernel's time before patterns", () => {
    expect(judgeConsole(["[  OK  ] Started x", "error: 0 of 3"], [])).toEqual([]);
    const allowed = [{ pattern: /^Kernel panic - not syncing: test/, reason: "wanted" }];
    expect(judgeConsole(["[   1.000001] Kernel panic - not syncing: test"], allowed)).toEqual([]);
  });
});

describe("ALLOWED_LINES", () => {
  it("gives a reason for each and excuses no line by being empty", () => {
    for (const { pattern, reason } of ALLOWED_LINES) {
      expect(reason.length).toBeGreaterThan(30);
      expect(pattern.test("")).toBe(false);
    }
  });
});
