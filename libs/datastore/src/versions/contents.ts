import type { DatabaseSync } from "node:sqlite";
import { forgetAttempt, readUndo } from "../attempt.ts";
import { readFact } from "../facts.ts";
import type { StoredValue } from "../stored.ts";
import { putRows, readValues } from "../values.ts";

/** What a database holds, seen from outside of the version that it belongs to. Values may be secrets. */
export interface DatabaseContents {
  /** Another database never has the same, see {@link Revision}. */
  readonly id: string;
  /** As a restart would leave them: a commit that waits to be confirmed is taken back. */
  readonly values: readonly StoredValue[];
  /** A fact that whoever made the database has left in it. */
  fact(name: string): string | undefined;
}

/** Settles what a restart would settle. To be called in a transaction. */
export function settle(database: DatabaseSync): void {
  putRows(database, readUndo(database));
  forgetAttempt(database);
  database.exec("DELETE FROM pending");
}

/** To be called when the database is settled. */
export function contentsOf(database: DatabaseSync): DatabaseContents {
  return {
    id: readFact(database, "id") ?? "",
    values: readValues(database),
    fact: (name) => readFact(database, name),
  };
}
