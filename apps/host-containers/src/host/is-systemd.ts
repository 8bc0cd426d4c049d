import { existsSync } from "node:fs";

/** As sd_booted(3) finds out. */
export function isSystemd(): boolean {
  return existsSync("/run/systemd/system");
}
