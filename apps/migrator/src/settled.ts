import { existsSync } from "node:fs";
import { readLastRun } from "./last-run.ts";
import { databaseOf, type Places } from "./places.ts";
import { runningVersion } from "./running-version.ts";

/**
 * Whether there is nothing to do: the running version has its database and was the last one to run, or nobody has ever
 * stored settings here.
 */
export function isSettled(places: Places): boolean {
  const version = runningVersion(places);
  if (!existsSync(databaseOf(places, version))) return !existsSync(places.settings);
  const last = readLastRun(places);
  return last === undefined || last.version === version;
}

/** Whether it is known that another version is in the other slot. */
export function isShadowWanted(places: Places): boolean {
  return readLastRun(places)?.other !== undefined;
}
