import { describe, expect, it } from "vitest";
import { fixedCommandLine, fixedParameters, signedCommandLine } from "./command-line.ts";

describe("fixedCommandLine", () => {
  it("joins the parameters with single spaces, in order", () => {
    expect(fixedCommandLine().split(" ")).toEqual(
      fixedParameters.map(({ parameter }) => parameter),
    );
  });

  it("carries what the boot chain relies on", () => {
    const parameters = fixedCommandLine().split(" ");
    for (const needed of [
      "console=ttyS0,115200",
      "lockdown=integrity",
      "oops=panic",
      "panic=10",
      "systemd.gpt_auto=no",
    ]) {
      expect(parameters).toContain(needed);
    }
  });

  it("gives each name one value and each parameter a reason", () => {
    const names = fixedParameters.map(({ parameter }) => parameter.split("=")[0]);
    expect(new Set(names).size).toBe(names.length);
    expect(fixedParameters.filter(({ reason }) => reason.length < 20)).toEqual([]);
  });

  it("leaves the root to the image build and leaves room for it", () => {
    expect(fixedCommandLine()).not.toMatch(/\b(root|rootfstype|dm-mod\.\w+|init)=/);
    expect(fixedCommandLine().length).toBeLessThan(1000);
  });
});

describe("signedCommandLine", () => {
  it("ends in the marker that the selector looks for, and in room for what it takes", () => {
    const line = signedCommandLine(["root=/dev/dm-0", "quiet"]);
    expect(line.trimEnd()).toBe("root=/dev/dm-0 quiet ballast.parameters");
    expect(line.length - line.trimEnd().length).toBeGreaterThan(1000);
  });

  it("refuses what the kernel would cut off", () => {
    expect(() => signedCommandLine(["x".repeat(1005)])).toThrow(/2048 characters, must be less/);
    expect(signedCommandLine(["x".repeat(1004)])).toHaveLength(2047);
  });
});
