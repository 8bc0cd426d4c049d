import { parsePattern, type KeyPattern } from "./key-pattern.ts";
import { migrationId, type Migration } from "./migration.ts";

/** A migration with its patterns parsed. */
export interface ReadyMigration {
  readonly migration: Migration;
  readonly id: string;
  readonly owns: readonly KeyPattern[];
  readonly reads: readonly KeyPattern[];
  readonly loses: readonly KeyPattern[];
}

export function readyMigration(migration: Migration): ReadyMigration {
  const { owns, reads = [], loses = [] } = migration;
  return {
    migration,
    id: migrationId(migration),
    owns: parseAll(owns),
    reads: parseAll(reads),
    loses: parseAll(loses),
  };
}

/** Those that are no patterns were refused when the history was defined. */
function parseAll(texts: readonly string[]): KeyPattern[] {
  return texts.map(parsePattern).filter((pattern) => pattern !== undefined);
}
