import { compareVersions, isVersion } from "@ballast/updates";
import { MigrationError } from "./errors.ts";
import type { Migration } from "./migration.ts";
import type { MigrationHistory } from "./history.ts";

export type Direction = "forward" | "backward";

export interface Chain {
  readonly direction: Direction;
  /** In the order in which they run. */
  readonly migrations: readonly Migration[];
}

/**
 * The migrations between two versions, whether these had migrations of their own or not. Versions are ordered as semantic
 * versions, pre-releases included. Throws MigrationError.
 */
export function chainBetween(from: string, to: string, history: MigrationHistory): Chain {
  for (const version of [from, to])
    if (!isVersion(version))
      throw new MigrationError(
        "migrations.bad-version",
        `Cannot migrate settings from ${JSON.stringify(from)} to ${JSON.stringify(to)}: ${JSON.stringify(version)} is no semantic version`,
      );
  const direction = compareVersions(from, to) <= 0 ? "forward" : "backward";
  const [older, newer] = direction === "forward" ? [from, to] : [to, from];
  const between = history.migrations.filter(
    (migration) =>
      compareVersions(migration.to, older) > 0 && compareVersions(migration.to, newer) <= 0,
  );
  return { direction, migrations: direction === "forward" ? between : between.toReversed() };
}
