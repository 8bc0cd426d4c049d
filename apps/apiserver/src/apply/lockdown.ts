import { LOCKDOWN_LEVELS, nestSettings } from "@ballast/model";
import type { Exec, Fs } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";
import type { ApplyHook, Forecast } from "./applier.ts";
import { systemctl } from "./systemctl.ts";

type Level = (typeof LOCKDOWN_LEVELS)[number];

const ONLY_UP = "takes effect at the next boot: a running kernel's lockdown only goes up";

/** Raises the lockdown of the running kernel. It can never be lowered, so that waits for the next boot. */
export function lockdownHook(fs: Fs, exec: Exec): ApplyHook {
  return async (effective) => {
    const wanted = nestSettings(effective).kernel.lockdown;
    const before = await readLevel(fs);
    if (before === wanted) return false;
    if (isLower(wanted, before)) return { later: ONLY_UP };
    await systemctl(exec, "start", ["kernel-lockdown.service"]);
    // systemd-tmpfiles passes over a file that is not there.
    const after = await readLevel(fs);
    if (after !== wanted) throw fault(`it is ${after} after it was raised to ${wanted}`);
    return true;
  };
}

/** Tells beforehand what {@link lockdownHook} will have to leave to the next boot. */
export function lockdownForecast(fs: Fs): Forecast {
  return async (effective) =>
    isLower(nestSettings(effective).kernel.lockdown, await readLevel(fs)) ? ONLY_UP : undefined;
}

function isLower(wanted: Level, before: Level): boolean {
  return LOCKDOWN_LEVELS.indexOf(wanted) < LOCKDOWN_LEVELS.indexOf(before);
}

/** The kernel marks the level in force: `none [integrity] confidentiality`. */
async function readLevel(fs: Fs): Promise<Level> {
  const text = (await fs.readText(PATHS.lockdown)) ?? "";
  const level = LOCKDOWN_LEVELS.find((name) => text.includes(`[${name}]`));
  if (level === undefined) throw fault(`${PATHS.lockdown} does not tell a level that Ballast uses`);
  return level;
}

function fault(reason: string): ApiError {
  return new ApiError("apiserver.command-failed", `Cannot set the kernel's lockdown: ${reason}`, {
    hint: "See journalctl --unit=kernel-lockdown.service.",
  });
}
