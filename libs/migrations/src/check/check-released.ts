import { compareVersions } from "@ballast/updates";
import { settingsShape, type JsonSchema } from "@ballast/model/reference";
import { MigrationError } from "../errors.ts";
import { covers } from "../key-pattern.ts";
import { MIGRATIONS } from "../migrations/index.ts";
import type { Migration } from "../migration.ts";
import { readyMigration } from "../ready-migration.ts";
import { RELEASED } from "../released/index.ts";
import { narrowings, placeName } from "./compare-shapes.ts";

export interface Release {
  readonly version: string;
  readonly shape: JsonSchema;
}

const WHAT_TO_DO = `Machines hold such values. Take the change back, or say what becomes of them:
  npm run new-migration -- NAME
The migration must own these keys: docs/guides/migrations.md.`;

/** Throws MigrationError if a key was removed or narrowed since the last release without a migration that owns it. */
export function checkReleased(
  today: JsonSchema = settingsShape(),
  released: readonly Release[] = RELEASED,
  migrations: readonly Migration[] = MIGRATIONS,
): void {
  const last = released.at(-1);
  if (last === undefined) return;
  const owned = migrations
    .filter(({ to }) => compareVersions(to, last.version) > 0)
    .flatMap((migration) => readyMigration(migration).owns);
  const unowned = narrowings(last.shape, today).filter(
    ({ segments }) => !owned.some((pattern) => covers(pattern, segments)),
  );
  if (unowned.length === 0) return;
  const lines = unowned.map(({ segments, reason }) => `  ${placeName(segments)} ${reason}`);
  throw new MigrationError(
    "migrations.unowned-change",
    `The settings do not take all that ${last.version} took:\n${lines.join("\n")}`,
    { hint: WHAT_TO_DO, details: { keys: unowned.map(({ segments }) => placeName(segments)) } },
  );
}

/** Migrations that an image of this version would not run, because they are to a later one. */
export function migrationsBeyond(
  version: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Migration[] {
  return migrations.filter(({ to }) => compareVersions(to, version) > 0);
}
