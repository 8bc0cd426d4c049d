import { createMemoryExec, createMemoryFs, type Fs } from "@ballast/system";
import { describe, expect, it } from "vitest";
import { effectiveSettings } from "@ballast/model";
import { lockdownForecast, lockdownHook } from "./lockdown.ts";

const FILE = "/sys/kernel/security/lockdown";

/** A kernel at a level; starting the unit does to it what `raised` says. */
function machine(level: string, raised?: string, exitCode = 0) {
  const fs: Fs = createMemoryFs(level === "" ? {} : { [FILE]: level });
  const calls: string[] = [];
  const exec = createMemoryExec({
    "/usr/bin/systemctl": ({ args }) => {
      calls.push(args.join(" "));
      if (raised !== undefined) void fs.writeDurable(FILE, raised, 0o644);
      return { exitCode, stdout: "", stderr: "refused" };
    },
  });
  const hook = lockdownHook(fs, exec);
  const values = (lockdown: string) => effectiveSettings(new Map([["kernel.lockdown", lockdown]]));
  const apply = async (lockdown: string) => hook(values(lockdown), true);
  const forecast = async (lockdown: string) => lockdownForecast(fs)(values(lockdown));
  return { apply, forecast, calls };
}

const INTEGRITY = "none [integrity] confidentiality\n";
const CONFIDENTIALITY = "none integrity [confidentiality]\n";

describe("lockdownHook()", () => {
  it("does nothing when the kernel has the level", async () => {
    const { apply, calls } = machine(INTEGRITY);
    expect(await apply("integrity")).toBe(false);
    expect(calls).toEqual([]);
  });

  it("raises the level, and looks whether it was", async () => {
    const { apply, calls } = machine(INTEGRITY, CONFIDENTIALITY);
    expect(await apply("confidentiality")).toBe(true);
    expect(calls).toEqual(["--no-ask-password start kernel-lockdown.service"]);
    expect(await apply("confidentiality")).toBe(false);
    await expect(machine(INTEGRITY, INTEGRITY).apply("confidentiality")).rejects.toThrow(
      "Cannot set the kernel's lockdown: it is integrity after it was raised to confidentiality",
    );
    await expect(machine(INTEGRITY, undefined, 1).apply("confidentiality")).rejects.toThrow(
      'Cannot start kernel-lockdown.service: systemctl says "refused"',
    );
  });

  it("says that a lower level waits for the next boot", async () => {
    const { apply, forecast, calls } = machine(CONFIDENTIALITY);
    expect(await apply("integrity")).toEqual({ later: await forecast("integrity") });
    expect(await forecast("integrity")).toContain("next boot");
    expect(await forecast("confidentiality")).toBeUndefined();
    expect(calls).toEqual([]);
  });

  it.each(["", "[none] integrity confidentiality\n", "integrity"])(
    "does not take %j for a level",
    async (text) => {
      await expect(machine(text).apply("integrity")).rejects.toThrow("does not tell a level");
    },
  );
});
