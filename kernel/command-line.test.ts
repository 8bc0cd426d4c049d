import { describe, expect, it } from "vitest";
import { fixedCommandLine, fixedParameters } from "./command-line.ts";

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
