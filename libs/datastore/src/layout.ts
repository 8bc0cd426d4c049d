import type { DatabaseSync } from "node:sqlite";

/** `user_version` of the database: its tables, not the settings in it. */
export const LAYOUT_VERSION = 1;

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
    source TEXT NOT NULL, changes TEXT NOT NULL
  ) STRICT;
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Makes the tables of an empty database in one transaction. */
export function createLayout(database: DatabaseSync, id: string): void {
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${LAYOUT_VERSION};`);
  database.prepare("INSERT INTO fact VALUES ('id', ?), ('generation', '0')").run(id);
  database.exec("COMMIT");
}

export function layoutVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
}

/** Whether there is any table, ours or not. */
export function hasTables(database: DatabaseSync): boolean {
  return database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get() !== undefined;
}
