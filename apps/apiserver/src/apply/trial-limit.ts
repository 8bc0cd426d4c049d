import type { Exec } from "@ballast/system";
import type { ApplyHook } from "./applier.ts";
import { systemctl } from "./systemctl.ts";

/**
 * Lets a changed limit take hold in a boot that is on trial. systemd counts it from power-on, and while it reads its units
 * anew the timer stays in force; a limit that is already over resets the machine at once. Without a trial the file waits.
 */
export function trialLimitHook(exec: Exec, isTrial: () => Promise<boolean>): ApplyHook {
  return async (_effective, hasNewFiles) => {
    if (!hasNewFiles || !(await isTrial())) return false;
    await systemctl(exec, "daemon-reload");
    return true;
  };
}
