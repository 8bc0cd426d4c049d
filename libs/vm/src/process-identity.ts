import { readFileSync } from "node:fs";
import { hasErrno } from "./errno.ts";

/**
 * When a process started, in clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); undefined if there is no
 * such process. With it a reused process id is not taken for the old process.
 */
export function readStartTicks(processId: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
    // The name in field 2 may hold blanks and parentheses; what follows the last ")" starts with field 3.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch (error) {
    if (hasErrno(error, "ENOENT", "ESRCH")) return undefined;
    throw error;
  }
}
