import { randomUUID } from "node:crypto";
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "@ballast/system";
import { DatastoreError } from "../datastore-error.ts";
import { nextGeneration, writeFact } from "../facts.ts";
import { recordCommit } from "../history.ts";
import { isDamage, setAside, syncDirectory } from "../open-database.ts";
import type { StoredValue } from "../stored.ts";
import { putRows } from "../values.ts";
import { writeFault } from "../write-fault.ts";
import { contentsOf, settle, type DatabaseContents } from "./contents.ts";
import { changesBetween, recordConversion } from "./revised-history.ts";
import { openSnapshot } from "./snapshot.ts";

/** What becomes of the contents of a database. */
export interface Revision {
  /** All values. */
  readonly values: readonly StoredValue[];
  /** Null takes a fact away. */
  readonly facts: Readonly<Record<string, string | null>>;
  /**
   * `converted`: the values are those of another version now, so the history cannot lead back over this point for keys
   * that differ. `changed`: they are of the same version, as after a commit.
   */
  readonly kind: "converted" | "changed";
  /** Stands in the history if a value differs. */
  readonly note: string;
}

export interface DeriveOptions {
  readonly from: string;
  /** May be the same file. What is there is replaced as a whole. */
  readonly to: string;
  readonly clock: Clock;
  readonly who: string;
}

/**
 * Makes a database from another one: values as `revise` answers them, history, the mark that user data was accepted. After
 * a power cut at any point `to` is what it was or what it shall be; when `revise` or a write fails, nothing has changed.
 * Throws DatastoreError and what `revise` throws.
 */
export function deriveDatabase(
  { from, to, clock, who }: DeriveOptions,
  revise: (contents: DatabaseContents) => Revision,
): void {
  const draft = draftOf(to);
  removeDraft(draft);
  try {
    const database = openSnapshot(from, draft);
    try {
      database.exec("BEGIN");
      settle(database);
      const contents = contentsOf(database);
      const revision = revise(contents);
      write(database, contents, revision, { at: clock.now().toString(), who });
      database.exec("COMMIT");
    } catch (error) {
      throw writeFault(error) ?? error;
    } finally {
      database.close();
    }
    publish(draft, to);
  } finally {
    removeDraft(draft);
  }
}

/** Reads a database without changing anything. `scratch` is a folder for a copy of it. */
export function readDatabase(file: string, scratch: string): DatabaseContents {
  const draft = draftOf(join(scratch, basename(file)));
  removeDraft(draft);
  try {
    const database = openSnapshot(file, draft);
    try {
      database.exec("BEGIN");
      settle(database);
      const { id, values } = contentsOf(database);
      const rows = database.prepare("SELECT name, value FROM fact").all();
      const facts = new Map(rows.map((row) => [String(row["name"]), String(row["value"])]));
      return { id, values, fact: (name) => facts.get(name) };
    } finally {
      database.close();
    }
  } finally {
    removeDraft(draft);
  }
}

function write(
  database: DatabaseSync,
  former: DatabaseContents,
  { values, facts, kind, note }: Revision,
  { at, who }: { readonly at: string; readonly who: string },
): void {
  const changes = changesBetween(former.values, values);
  database.exec("DELETE FROM value");
  putRows(
    database,
    values.map(({ key, value, source }) => ({ key, value: JSON.stringify(value), source })),
  );
  if (changes.length > 0) {
    const record = kind === "converted" ? recordConversion : recordCommit;
    record(database, { at, who, source: "generated", note }, changes);
    nextGeneration(database);
  }
  for (const [name, value] of Object.entries(facts)) {
    if (value === null) database.prepare("DELETE FROM fact WHERE name = ?").run(name);
    else writeFact(database, name, value);
  }
  if (kind === "converted") writeFact(database, "id", randomUUID());
}

/** Whole or not at all, and on the disk when this returns. */
function publish(draft: string, to: string): void {
  try {
    const file = openSync(draft, "r+");
    fsyncSync(file);
    closeSync(file);
    clearWayOf(to);
    renameSync(draft, to);
    syncDirectory(to);
  } catch (cause) {
    if (cause instanceof DatastoreError) throw cause;
    throw new DatastoreError(
      "datastore.unwritable",
      `Cannot put settings database "${to}" in place`,
      {
        cause,
      },
    );
  }
}

/**
 * A journal that a power cut left would be rolled back into the new database; it belongs to the one that goes. What is
 * damaged may hold what nobody has taken over, so it is kept.
 */
function clearWayOf(to: string): void {
  if (!existsSync(to)) return;
  const database = new DatabaseSync(to, { timeout: 5000 });
  try {
    database.exec("PRAGMA journal_mode = TRUNCATE; BEGIN IMMEDIATE; COMMIT");
    const check = database.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
    if (check === "ok") return;
  } catch (error) {
    if (!isDamage(error)) throw error;
  } finally {
    database.close();
  }
  setAside(to);
}

/** A name that nobody takes for a database. */
function draftOf(file: string): string {
  return join(dirname(file), `.${basename(file)}.draft`);
}

function removeDraft(draft: string): void {
  for (const name of [draft, `${draft}-journal`]) rmSync(name, { force: true });
}
