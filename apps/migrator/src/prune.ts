import { rmSync, statSync } from "node:fs";
import type { Log } from "@ballast/service";
import { compareVersions } from "@ballast/updates";
import { databaseOf, type Places } from "./places.ts";
import { presentVersions } from "./present-versions.ts";

/** Databases that are kept, those of both slots among them. */
const MOST = 5;
/** A quarter of STATE. */
const MOST_BYTES = 32 * 1024 * 1024;

export interface SizedDatabase {
  readonly version: string;
  readonly bytes: number;
}

/** Versions whose databases go, from the oldest: never one of `needed`, however large they are. Pure. */
export function planPrune(
  databases: readonly SizedDatabase[],
  needed: readonly (string | undefined)[],
): string[] {
  const isNeeded = ({ version }: SizedDatabase): boolean => needed.includes(version);
  const kept = databases.filter(isNeeded);
  let bytes = kept.reduce((sum, database) => sum + database.bytes, 0);
  let count = kept.length;
  const others = databases
    .filter((database) => !isNeeded(database))
    .toSorted((one, two) => compareVersions(two.version, one.version));
  const going = others.findIndex((database) => {
    count += 1;
    bytes += database.bytes;
    return count > MOST || bytes > MOST_BYTES;
  });
  return going === -1 ? [] : others.slice(going).map(({ version }) => version);
}

export function prune(places: Places, needed: readonly (string | undefined)[], log: Log): void {
  const databases = presentVersions(places).map((version) => ({
    version,
    bytes: statSync(databaseOf(places, version)).size,
  }));
  for (const version of planPrune(databases, needed)) {
    const file = databaseOf(places, version);
    rmSync(`${file}-journal`, { force: true });
    rmSync(file);
    log.notice("Settings of a version that is in no slot are deleted", { version });
  }
}
