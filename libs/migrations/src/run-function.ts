import { isDeepStrictEqual } from "node:util";
import { joinKey, splitKey, type FlatSettings } from "@ballast/model";
import type { Direction } from "./chain.ts";
import { FAULT_HINT, MigrationError } from "./errors.ts";
import { covers, segmentsOf } from "./key-pattern.ts";
import type { ReadyMigration } from "./ready-migration.ts";

/**
 * Runs one function of a migration on copies of what it owns and reads, and answers what it owns then. What it must not do
 * is an error: throw, change another key, answer what is no set value. Throws MigrationError.
 */
export function runFunction(
  ready: ReadyMigration,
  direction: Direction,
  owned: FlatSettings,
  read: FlatSettings,
): FlatSettings {
  const answered = new Map<string, unknown>();
  for (const [key, value] of call(ready, direction, copied(owned, read))) {
    if (typeof key !== "string" || !(owned.has(key) || isKey(key)))
      throw fault(ready, direction, "migrations.bad-result", String(key), "it is no key");
    if (!owned.has(key) && !isOwned(ready, key)) {
      if (read.has(key) && isDeepStrictEqual(read.get(key), value)) continue;
      throw fault(ready, direction, "migrations.not-owned", key, "it does not own this key");
    }
    if (!isSettable(value))
      throw fault(ready, direction, "migrations.bad-result", key, NOT_SETTABLE);
    answered.set(key, value);
  }
  return answered;
}

const NOT_SETTABLE = "its value must be a text, a number, true or false, or a list of JSON values";

/** What a migration does to lists stays with it. */
function copied(owned: FlatSettings, read: FlatSettings): FlatSettings {
  const copy = new Map<string, unknown>();
  for (const values of [read, owned])
    for (const [key, value] of values)
      copy.set(key, typeof value === "object" ? structuredClone(value) : value);
  return copy;
}

function isKey(text: string): boolean {
  const segments = splitKey(text);
  return segments !== undefined && joinKey(segments) === text;
}

function isOwned({ owns }: ReadyMigration, key: string): boolean {
  return owns.some((pattern) => covers(pattern, segmentsOf(key)));
}

function call(
  ready: ReadyMigration,
  direction: Direction,
  values: FlatSettings,
): ReadonlyMap<unknown, unknown> {
  let result: unknown;
  try {
    result = ready.migration[direction](values);
  } catch (cause) {
    throw fault(ready, direction, "migrations.threw", undefined, "it threw", cause);
  }
  if (result instanceof Map) return result;
  throw fault(ready, direction, "migrations.bad-result", undefined, "it answered no map");
}

export function fault(
  { id }: ReadyMigration,
  direction: Direction,
  code: MigrationError["code"],
  key: string | undefined,
  reason: string,
  cause?: unknown,
): MigrationError {
  const where = key === undefined ? "" : ` at "${key}"`;
  return new MigrationError(
    code,
    `Cannot migrate settings ${direction} with "${id}"${where}: ${reason}`,
    {
      details: { migration: id, direction, ...(key === undefined ? {} : { key }) },
      hint: FAULT_HINT,
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** Scalars and lists are values of keys; tables are keys of their own. */
function isSettable(value: unknown): boolean {
  return (Array.isArray(value) || typeof value !== "object") && isJson(value);
}

function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value === "object" && value !== null)
    return Object.getPrototypeOf(value) === Object.prototype && Object.values(value).every(isJson);
  return (
    value === null ||
    typeof value === "string" ||
    typeof value === "boolean" ||
    (typeof value === "number" && Number.isFinite(value))
  );
}
