import type { DatabaseSync } from "node:sqlite";
import { upgradeFromOne } from "./upgrade-from-one.ts";

/** `user_version` of the database: its tables, not the settings in it. */
export const LAYOUT_VERSION = 2;

/** What version 2 has more than version 1. */
const ATTEMPT_TABLES = `
  -- At most one commit waits to be confirmed; undo holds the rows that it replaced, NULL where there was none.
  CREATE TABLE attempt (
    one INTEGER PRIMARY KEY CHECK (one = 1), token TEXT NOT NULL, at TEXT NOT NULL
  ) STRICT;
  CREATE TABLE undo (key TEXT PRIMARY KEY, value TEXT, source TEXT) STRICT, WITHOUT ROWID;
`;

const TABLES = `
  CREATE TABLE value (
    key TEXT PRIMARY KEY, value TEXT NOT NULL, source TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- A pending value of NULL takes the setting away.
  CREATE TABLE pending (
    tx TEXT NOT NULL, key TEXT NOT NULL, value TEXT, PRIMARY KEY (tx, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, who TEXT NOT NULL,
    source TEXT NOT NULL, changes TEXT NOT NULL, note TEXT
  ) STRICT;
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  ${ATTEMPT_TABLES}
`;

/** Makes the tables of an empty database in one transaction. */
export function createLayout(database: DatabaseSync, id: string): void {
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${LAYOUT_VERSION};`);
  database.prepare("INSERT INTO fact VALUES ('id', ?), ('generation', '0')").run(id);
  database.exec("COMMIT");
}

/** Brings an older layout to this one, in place and in one transaction: after a power cut it is the old or the new. */
export function upgradeLayout(database: DatabaseSync, version: number): void {
  if (version === LAYOUT_VERSION) return;
  database.exec(`BEGIN IMMEDIATE; ALTER TABLE history ADD COLUMN note TEXT; ${ATTEMPT_TABLES}`);
  upgradeFromOne(database);
  database.exec(`PRAGMA user_version = ${LAYOUT_VERSION}; COMMIT;`);
}

export function layoutVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

/** Whether there is any table, ours or not. */
export function hasTables(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}
