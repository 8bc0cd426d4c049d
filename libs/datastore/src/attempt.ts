import type { DatabaseSync } from "node:sqlite";
import { DatastoreError } from "./datastore-error.ts";
import type { Attempt } from "./stored.ts";

/** A row of the stored values as it was before a commit; no value where there was no row. */
export interface FormerRow {
  readonly key: string;
  readonly value: string | null;
  readonly source: string | null;
}

export function readAttempt(database: DatabaseSync): Attempt | undefined {
  const row = database.prepare("SELECT token, at FROM attempt").get();
  if (row === undefined) return undefined;
  const keys = readUndo(database).map(({ key }) => key);
  return { token: String(row["token"]), at: String(row["at"]), keys };
}

export function checkWaiting(database: DatabaseSync, token: string): void {
  if (readAttempt(database)?.token === token) return;
  throw new DatastoreError(
    "datastore.not-waiting",
    "Cannot confirm or take back this commit: it does not wait to be confirmed",
    { hint: "It was confirmed or taken back before; GET /history tells." },
  );
}

/** One after the other: what is taken back must be what nobody has built upon. */
export function refuseWhileWaiting(database: DatabaseSync): void {
  if (readAttempt(database) === undefined) return;
  throw new DatastoreError(
    "datastore.unconfirmed",
    "Cannot commit settings: an earlier commit waits to be confirmed",
    { hint: "Confirm it or take it back: POST /tx/confirm, POST /tx/revert." },
  );
}

export function writeAttempt(
  database: DatabaseSync,
  token: string,
  at: string,
  former: readonly FormerRow[],
): void {
  database.prepare("INSERT INTO attempt VALUES (1, ?, ?)").run(token, at);
  const put = database.prepare("INSERT INTO undo VALUES (?, ?, ?)");
  for (const { key, value, source } of former) put.run(key, value, source);
}

export function readUndo(database: DatabaseSync): FormerRow[] {
  return database
    .prepare("SELECT key, value, source FROM undo ORDER BY key")
    .all()
    .map((row) => ({
      key: String(row["key"]),
      value: textOrNull(row["value"]),
      source: textOrNull(row["source"]),
    }));
}

export function forgetAttempt(database: DatabaseSync): void {
  database.exec("DELETE FROM attempt; DELETE FROM undo;");
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
