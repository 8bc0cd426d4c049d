import { nestSettings, sysctlPath } from "@ballast/model";
import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";
import type { Diagnosis } from "./applier.ts";

/** Finds the kernel parameters that are not as they were set: systemd tells only that one of them failed. */
export function sysctlFaults(fs: Fs): Diagnosis {
  return async (effective) => {
    const faults: string[] = [];
    for (const [key, wanted] of Object.entries(nestSettings(effective).kernel.sysctl)) {
      const fault = await faultOf(fs, key, wanted);
      if (fault !== undefined) faults.push(`"${key}" ${fault}`);
    }
    return faults;
  };
}

async function faultOf(fs: Fs, key: string, wanted: string): Promise<string | undefined> {
  try {
    const value = await fs.readText(`${PATHS.kernelParameters}/${sysctlPath(key)}`);
    if (value === undefined) return "does not exist in this kernel";
    return words(value) === words(wanted) ? undefined : "did not take its value";
  } catch {
    // A folder, or a parameter that can only be written; systemd has told of it if it failed.
    return "cannot be read";
  }
}

/** The kernel puts tabs between numbers and a newline behind them. */
function words(text: string): string {
  return text.trim().split(/\s+/).join(" ");
}
