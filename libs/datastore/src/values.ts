import type { DatabaseSync } from "node:sqlite";
import { isBelow, type Change } from "@ballast/model";
import type { FormerRow } from "./attempt.ts";
import { DatastoreError } from "./datastore-error.ts";
import { Source, type StoredValue } from "./stored.ts";

/** All values together; a database that fills its partition could not even take something away. */
const VALUES_MAX_BYTES = 8 * 1024 * 1024;

export function readValues(database: DatabaseSync): StoredValue[] {
  return database
    .prepare("SELECT key, value, source FROM value ORDER BY key")
    .all()
    .map((row) => ({
      key: String(row["key"]),
      value: JSON.parse(String(row["value"])),
      source: Source.parse(row["source"]),
    }));
}

/** The rows of these keys as they stand, to put them back later. */
export function formerRows(database: DatabaseSync, keys: readonly string[]): FormerRow[] {
  const read = database.prepare("SELECT value, source FROM value WHERE key = ?");
  return keys.map((key) => {
    const row = read.get(key);
    if (row === undefined) return { key, value: null, source: null };
    return { key, value: String(row["value"]), source: String(row["source"]) };
  });
}

export function putRows(database: DatabaseSync, rows: readonly FormerRow[]): void {
  const put = database.prepare(
    "INSERT INTO value VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?2, source = ?3",
  );
  const remove = database.prepare("DELETE FROM value WHERE key = ?");
  for (const { key, value, source } of rows) {
    if (value === null) remove.run(key);
    else put.run(key, value, source);
  }
}

export function checkValuesSize(database: DatabaseSync): void {
  const row = database
    .prepare("SELECT sum(octet_length(key) + octet_length(value)) AS bytes FROM value")
    .get();
  if (Number(row?.["bytes"] ?? 0) <= VALUES_MAX_BYTES) return;
  throw new DatastoreError(
    "datastore.too-large",
    `Cannot commit settings: all of them together would hold more than ${VALUES_MAX_BYTES} bytes`,
  );
}

/**
 * The wishes as changes of single settings: an entry of a map that goes is a change of each of its stored settings, unless
 * a wish sets it anew.
 */
export function onEachSetting(wishes: readonly Change[], storedKeys: readonly string[]): Change[] {
  const changes = new Map<string, Change>();
  for (const { key, value } of wishes)
    if (value === null)
      for (const stored of storedKeys.filter((candidate) => isBelow(candidate, key)))
        changes.set(stored, { key: stored, value });
  for (const wish of wishes) if (wish.value !== null) changes.set(wish.key, wish);
  return [...changes.values()];
}
