import { describe, expect, it } from "vitest";
import { mustBeClean, Verdict } from "./verdict.ts";

describe("Verdict", () => {
  it("collects the faults of several boots, each line once, and excuses what the guest may say", async () => {
    const verdict = new Verdict([{ pattern: /^\[FAILED\] Failed to start wanted/, reason: "x" }]);
    const first = ["[FAILED] Failed to start a.service", "[FAILED] Failed to start wanted.service"];
    await verdict.addConsole(first);
    await verdict.addConsole([...first, "Kernel panic - not syncing"]);
    expect(verdict.faults).toEqual([
      "console: [FAILED] Failed to start a.service",
      "console: Kernel panic - not syncing",
    ]);
    expect(() => {
      mustBeClean([new Verdict([]), verdict]);
    }).toThrow(/2 unexpected lines\nconsole: \[FAILED\] Failed to start a\.service/);
  });

  it("has nothing against a guest without faults", () => {
    expect(() => {
      mustBeClean([new Verdict([])]);
    }).not.toThrow();
  });
});
