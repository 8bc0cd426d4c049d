import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { DatastoreError } from "../datastore-error.ts";
import { LAYOUT_VERSION, layoutVersion, upgradeLayout } from "../layout.ts";
import { isDamage } from "../open-database.ts";
import { writeFault } from "../write-fault.ts";

/**
 * Copies a database as it is after its last commit, also while its version writes to it, and opens the copy in the layout
 * of this version. The copy is on no disk yet when this returns. Throws DatastoreError: `datastore.damaged`,
 * `datastore.too-new`, `datastore.full`, `datastore.unwritable`, `datastore.open`.
 */
export function openSnapshot(file: string, copy: string): DatabaseSync {
  copyDatabase(file, copy);
  const database = new DatabaseSync(copy);
  try {
    // Nobody sees the copy before it is finished and synced, so there is nothing that a journal could save.
    database.exec(
      "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA trusted_schema = OFF;",
    );
    const version = layoutVersion(database);
    if (version > LAYOUT_VERSION)
      throw new DatastoreError(
        "datastore.too-new",
        `Cannot read settings database "${file}": its layout is ${version}, must be at most ${LAYOUT_VERSION}`,
      );
    if (version === 0) throw damaged(file, "it holds no settings");
    upgradeLayout(database, version);
    return database;
  } catch (error) {
    database.close();
    throw translated(file, error);
  }
}

/** Opened for writing: what a power cut left half written has to be rolled back first, as its own version would. */
function copyDatabase(file: string, copy: string): void {
  if (!existsSync(file))
    throw new DatastoreError(
      "datastore.open",
      `Cannot read settings database "${file}": it is absent`,
    );
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 5000 });
    database.exec("PRAGMA trusted_schema = OFF");
    const check = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    if (check !== "ok") throw damaged(file, `integrity check says ${String(check)}`);
    database.prepare("VACUUM INTO ?").run(copy);
  } catch (error) {
    throw translated(file, error);
  } finally {
    if (database?.isOpen === true) database.close();
  }
}

function translated(file: string, error: unknown): DatastoreError {
  if (error instanceof DatastoreError) return error;
  if (isDamage(error)) return damaged(file, error instanceof Error ? error.message : "");
  return (
    writeFault(error) ??
    new DatastoreError("datastore.open", `Cannot read settings database "${file}"`, {
      cause: error,
    })
  );
}

function damaged(file: string, reason: string): DatastoreError {
  return new DatastoreError(
    "datastore.damaged",
    `Cannot read settings database "${file}": it is damaged (${reason})`,
  );
}
