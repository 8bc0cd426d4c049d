import { compareVersions, isVersion } from "@ballast/updates";
import { MigrationError } from "./errors.ts";
import { parsePattern } from "./key-pattern.ts";
import { migrationId, type Migration } from "./migration.ts";
import type { SettingsSchema } from "./settings-schema.ts";

/** What is known of the versions so far. There is one for the product; tests make others. */
export interface MigrationHistory {
  /** In the order in which they run going forward. */
  readonly migrations: readonly Migration[];
  /** What each released version takes, by version; one that is absent takes everything. */
  readonly schemas: ReadonlyMap<string, SettingsSchema>;
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** Checks what can be checked of a list of migrations without settings. Throws MigrationError. */
export function defineHistory(
  migrations: readonly Migration[],
  schemas: ReadonlyMap<string, SettingsSchema> = new Map(),
): MigrationHistory {
  const seen = new Set<string>();
  let last: Migration | undefined;
  for (const migration of migrations) {
    const id = migrationId(migration);
    const fault = faultOf(migration, last, seen.has(id));
    if (fault !== undefined)
      throw new MigrationError("migrations.bad-history", `Cannot use migration "${id}": ${fault}`, {
        details: { migration: id },
      });
    seen.add(id);
    last = migration;
  }
  return { migrations, schemas };
}

function faultOf(
  { to, name, owns, reads = [], loses = [] }: Migration,
  last: Migration | undefined,
  isTwice: boolean,
): string | undefined {
  if (!isVersion(to)) return "its version is no semantic version";
  if (!NAME.test(name)) return "its name must be words of a-z and 0-9 joined by -";
  if (isTwice) return "its version has another one of this name";
  if (last !== undefined && compareVersions(last.to, to) > 0)
    return `it stands behind one of ${last.to}; migrations stand in the order of their versions`;
  const bad = [...owns, ...reads, ...loses].find((key) => parsePattern(key) === undefined);
  if (bad !== undefined) return `"${bad}" is no key`;
  return owns.length === 0 ? "it owns no key" : undefined;
}
