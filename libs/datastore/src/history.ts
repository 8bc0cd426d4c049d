import type { DatabaseSync } from "node:sqlite";
import { isSecret } from "@ballast/model";
import { HistoryEntry, type RecordedChange, type Source } from "./stored.ts";

const COMMIT_LIMIT = 100;
/** The partition is small: long values make the history shorter. The newest commit is always kept. */
const HISTORY_MAX_BYTES = 8 * 1024 * 1024;

/** A setting that got another value; null stands for none. */
export interface ValueChange {
  readonly key: string;
  readonly old: unknown;
  readonly value: unknown;
}

export interface CommitFacts {
  readonly at: string;
  readonly who: string;
  readonly source: Source;
  readonly note: string | null;
}

/** What may be told of a change: never the value of a secret. */
export function toRecord({ key, old, value }: ValueChange): RecordedChange {
  const action = value === null ? "unset" : "set";
  if (isSecret(key)) return { key, action, secret: true };
  return { key, action, ...(value === null ? {} : { value }), old };
}

export function recordCommit(
  database: DatabaseSync,
  facts: CommitFacts,
  changes: readonly ValueChange[],
): void {
  recordEntry(database, facts, changes.map(toRecord));
}

export function recordEntry(
  database: DatabaseSync,
  { at, who, source, note }: CommitFacts,
  changes: readonly RecordedChange[],
): void {
  database
    .prepare("INSERT INTO history (at, who, source, changes, note) VALUES (?, ?, ?, ?, ?)")
    .run(at, who, source, JSON.stringify(changes), note);
  database
    .prepare(`DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - ${COMMIT_LIMIT}`)
    .run();
  database
    .prepare(
      `DELETE FROM history WHERE id < (SELECT max(id) FROM history) AND id IN (
        SELECT id FROM (
          SELECT id, sum(octet_length(changes)) OVER (ORDER BY id DESC) AS bytes FROM history
        ) WHERE bytes > ?)`,
    )
    .run(HISTORY_MAX_BYTES);
}

/** Newest first. A key that only this image knows to be a secret loses its values here. */
export function readHistory(database: DatabaseSync): HistoryEntry[] {
  return database
    .prepare("SELECT id, at, who, source, note, changes FROM history ORDER BY id DESC")
    .all()
    .map((row) => {
      const changes: unknown = JSON.parse(String(row["changes"]));
      const entry = HistoryEntry.parse({ ...row, changes });
      return { ...entry, changes: entry.changes.map(masked) };
    });
}

function masked(change: RecordedChange): RecordedChange {
  if (!isSecret(change.key)) return change;
  return { key: change.key, action: change.action, secret: true };
}
