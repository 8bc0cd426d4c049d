import type { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { recordEntry, type CommitFacts, type ValueChange } from "../history.ts";
import { RecordedChange, type StoredValue } from "../stored.ts";

/** By key; null stands for no value. */
export function changesBetween(
  former: readonly StoredValue[],
  values: readonly StoredValue[],
): ValueChange[] {
  const before = new Map(former.map(({ key, value }) => [key, value]));
  const after = new Map(values.map(({ key, value }) => [key, value]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .map((key) => ({ key, old: before.get(key) ?? null, value: after.get(key) ?? null }))
    .filter(({ old, value }) => !isDeepStrictEqual(old, value))
    .toSorted((one, two) => (one.key < two.key ? -1 : 1));
}

/**
 * The commit of values that are those of another version now. Nothing leads back over it: what a key held before means
 * something else, so earlier commits forget it too. It names keys alone, for which of them is a secret only their version
 * knows.
 */
export function recordConversion(
  database: DatabaseSync,
  facts: CommitFacts,
  changes: readonly ValueChange[],
): void {
  const keys = new Set(changes.map(({ key }) => key));
  const put = database.prepare("UPDATE history SET changes = ? WHERE id = ?");
  for (const row of database.prepare("SELECT id, changes FROM history").all()) {
    // What cannot be read is no way back either.
    const entry = z.array(RecordedChange).safeParse(JSON.parse(String(row["changes"])));
    if (entry.data?.some((change) => keys.has(change.key) && "old" in change) !== true) continue;
    const kept = entry.data.map((change) => (keys.has(change.key) ? withoutOld(change) : change));
    put.run(JSON.stringify(kept), row["id"] ?? null);
  }
  recordEntry(
    database,
    facts,
    changes.map(({ key, value }) => ({ key, action: value === null ? "unset" : "set" })),
  );
}

function withoutOld(change: RecordedChange): RecordedChange {
  const { old: _old, ...rest } = change;
  return rest;
}
