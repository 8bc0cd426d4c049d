import type { DatabaseSync } from "node:sqlite";
import { isBelow, type Change } from "@ballast/model";
import { DatastoreError } from "./datastore-error.ts";

/** Pending sets lie on a small partition: their number is bounded, and their size together. */
const TRANSACTION_LIMIT = 64;
const PENDING_MAX_BYTES = 16 * 1024 * 1024;

export function listTransactions(database: DatabaseSync): string[] {
  return database
    .prepare("SELECT DISTINCT tx FROM pending ORDER BY tx")
    .all()
    .map((row) => String(row["tx"]));
}

export function readPending(database: DatabaseSync, tx: string): Change[] {
  return database
    .prepare("SELECT key, value FROM pending WHERE tx = ? ORDER BY key")
    .all(tx)
    .map((row) => {
      const { value } = row;
      return {
        key: String(row["key"]),
        value: typeof value === "string" ? JSON.parse(value) : null,
      };
    });
}

/** Puts changes over those that are there. To be called in a transaction of the database. */
export function putPending(database: DatabaseSync, tx: string, changes: readonly Change[]): void {
  const names = listTransactions(database);
  if (!names.includes(tx) && names.length >= TRANSACTION_LIMIT)
    throw new DatastoreError(
      "datastore.too-many-transactions",
      `Cannot begin transaction "${tx}": there are already ${TRANSACTION_LIMIT}`,
      { hint: "Commit or delete pending transactions." },
    );
  const put = database.prepare(
    "INSERT INTO pending VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?3",
  );
  const forget = database.prepare("DELETE FROM pending WHERE tx = ? AND key = ?");
  for (const { key, value } of changes) {
    // An entry that goes takes with it what was wished for it before; wishes that follow make it anew.
    if (value === null)
      for (const earlier of readPending(database, tx).filter((wish) => isBelow(wish.key, key)))
        forget.run(tx, earlier.key);
    put.run(tx, key, value === null ? null : JSON.stringify(value));
  }
  checkSize(database, tx);
}

export function deletePending(database: DatabaseSync, tx: string): void {
  database.prepare("DELETE FROM pending WHERE tx = ?").run(tx);
}

function checkSize(database: DatabaseSync, tx: string): void {
  const row = database
    .prepare("SELECT sum(octet_length(key) + ifnull(octet_length(value), 0)) AS bytes FROM pending")
    .get();
  if (Number(row?.["bytes"] ?? 0) <= PENDING_MAX_BYTES) return;
  throw new DatastoreError(
    "datastore.too-large",
    `Cannot add to transaction "${tx}": pending transactions would hold more than ${PENDING_MAX_BYTES} bytes`,
    { hint: "Commit or delete pending transactions." },
  );
}
