import { describe, expect, it } from "vitest";
import { acceleratorArguments, hasVirtualization, runsProbeGuest } from "./accelerator.ts";

describe("hasVirtualization()", () => {
  it.each([
    ["flags\t\t: fpu vmx sse", true],
    ["flags\t\t: fpu svm", true],
    ["flags\t\t: fpu sse vmxoff_like", false],
    ["model name\t: vmx in a name\nflags\t\t: fpu sse", false],
  ])("reads the flags of %j", (cpuinfo, expected) => {
    expect(hasVirtualization(cpuinfo)).toBe(expected);
  });
});

describe("acceleratorArguments()", () => {
  it("shows the guest every emulated processor feature", () => {
    expect(acceleratorArguments("tcg")).toEqual(["-accel", "tcg,thread=multi", "-cpu", "max"]);
  });
});

describe("runsProbeGuest()", () => {
  // Emulation is always there, so the probe itself is tested with it; only KVM's answer depends on the machine.
  it("sees a guest that runs", { timeout: 15_000 }, async () => {
    await expect(runsProbeGuest("tcg")).resolves.toBe(true);
  });
});
