import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DatastoreError } from "./datastore-error.ts";
import { createLayout, hasTables, LAYOUT_VERSION, layoutVersion, upgradeLayout } from "./layout.ts";

/** How the database was found. `replaced`: it was damaged, is kept as `keptAs`, and an empty one took its place. */
export type DatabaseState =
  | { readonly kind: "opened" }
  | { readonly kind: "created" }
  | { readonly kind: "replaced"; readonly keptAs: string; readonly reason: string };

export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly state: DatabaseState;
}

export const MEMORY = ":memory:";

/** SQLite result codes (sqlite.org/rescode.html) that mean that the file itself is bad. */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Opens or creates the database; a damaged file is set aside, because a machine must boot without it. */
export function openDatabase(file: string, mayBegin = true): OpenedDatabase {
  try {
    if (!mayBegin && !existsSync(file)) throw absent(file, "it is absent");
    prepareFile(file);
    const first = tryOpen(file, mayBegin);
    if (first.kind === "good") return first.opened;
    const keptAs = setAside(file);
    if (!mayBegin) throw absent(file, `it was damaged (${first.reason}), kept as "${keptAs}"`);
    prepareFile(file);
    const second = tryOpen(file, true);
    if (second.kind === "damaged") throw new Error(second.reason);
    const state = { kind: "replaced", keptAs, reason: first.reason } as const;
    return { database: second.opened.database, state };
  } catch (cause) {
    if (cause instanceof DatastoreError) throw cause;
    throw new DatastoreError("datastore.open", `Cannot open settings database "${file}"`, {
      cause,
    });
  }
}

type Attempt =
  | { readonly kind: "good"; readonly opened: OpenedDatabase }
  | { readonly kind: "damaged"; readonly reason: string };

function absent(file: string, reason: string): DatastoreError {
  return new DatastoreError(
    "datastore.absent",
    `Cannot open settings database "${file}": ${reason}, and the settings must not begin anew`,
  );
}

function tryOpen(file: string, mayBegin: boolean): Attempt {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 5000 });
    // TRUNCATE with FULL writes the journal's end to disk too, so a reported commit is not rolled back by a power cut.
    database.exec(
      "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;",
    );
    const check = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    if (check !== "ok") return damaged(database, `integrity check says ${String(check)}`);
    const version = layoutVersion(database);
    if (version > LAYOUT_VERSION) {
      database.close();
      throw new DatastoreError(
        "datastore.too-new",
        `Cannot open settings database "${file}": its layout is ${version}, must be at most ${LAYOUT_VERSION}`,
      );
    }
    if (version > 0) {
      upgradeLayout(database, version);
      return { kind: "good", opened: { database, state: { kind: "opened" } } };
    }
    if (!mayBegin) return damaged(database, "it is empty");
    if (hasTables(database)) return damaged(database, "it holds tables of another program");
    createLayout(database, randomUUID());
    return { kind: "good", opened: { database, state: { kind: "created" } } };
  } catch (error) {
    if (!isDamage(error)) {
      if (database?.isOpen === true) database.close();
      throw error;
    }
    return damaged(database, error instanceof Error ? error.message : String(error));
  }
}

function damaged(database: DatabaseSync | undefined, reason: string): Attempt {
  if (database?.isOpen === true) database.close();
  return { kind: "damaged", reason };
}

export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error)) return false;
  // The low byte is the primary code; extended codes say where the damage was met.
  const code = Number(error.errcode) & 0xff;
  return code === CORRUPT || code === NOT_A_DATABASE;
}

/** Settings hold keys: nobody else may read the file, whatever the umask. */
function prepareFile(file: string): void {
  if (file === MEMORY) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  // Where nothing can be written any more, settings can still be read.
  if (existsSync(file)) return;
  closeSync(openSync(file, "a", 0o600));
  syncDirectory(file);
}

/** Renames a database that cannot be used, so that nobody takes it for one; answers where it is kept. */
export function setAside(file: string): string {
  let number = 1;
  while (existsSync(`${file}.damaged-${number}`)) number += 1;
  const keptAs = `${file}.damaged-${number}`;
  // The journal first: left behind, it would be rolled back into the new database.
  if (existsSync(`${file}-journal`)) renameSync(`${file}-journal`, `${keptAs}-journal`);
  renameSync(file, keptAs);
  syncDirectory(file);
  return keptAs;
}

export function syncDirectory(file: string): void {
  const directory = openSync(dirname(file), "r");
  fsyncSync(directory);
  closeSync(directory);
}
