import type { DatabaseContents, StoredValue } from "@ballast/datastore";
import {
  AsideValues,
  migrateValues,
  PRODUCT_SCHEMA,
  type AsideValue,
  type MigrationHistory,
} from "@ballast/migrations";
import { FACTS, jsonFact, sourceOf } from "./facts.ts";

/** What a program knows of versions; tests know others. */
export interface Knowledge {
  /** The version that runs. */
  readonly version: string;
  readonly history: MigrationHistory;
}

export interface Settings {
  readonly values: ReadonlyMap<string, StoredValue>;
  readonly aside: readonly AsideValue[];
}

/** Settings as a database has them. */
export function settingsOf(contents: DatabaseContents): Settings {
  return {
    values: new Map(contents.values.map((entry) => [entry.key, entry])),
    aside: jsonFact(AsideValues, contents, FACTS.aside) ?? [],
  };
}

/** Of those that have a value; a key that was not set may be aside too. */
export function keysAside(aside: readonly AsideValue[]): string[] {
  const keys = aside.filter(({ value }) => value !== undefined).map(({ key }) => key);
  return [...new Set(keys)].toSorted();
}

/**
 * The same settings in the form of another version. Of a version newer than the running one no migration is known: then it
 * is what this one takes of them, and the rest is set aside. Pure. Throws MigrationError.
 */
export function convert(
  { values, aside }: Settings,
  from: string,
  to: string,
  { version, history }: Knowledge,
): Settings {
  const migrated = migrateValues(
    new Map([...values].map(([key, { value }]) => [key, value])),
    from,
    to,
    history,
    {
      aside,
      sources: new Map([...values].map(([key, { source }]) => [key, source])),
      ...(to === version ? { schema: PRODUCT_SCHEMA } : {}),
    },
  );
  return {
    values: new Map(
      [...migrated.values].map(([key, value]) => [
        key,
        { key, value, source: sourceOf(migrated.sources.get(key)) },
      ]),
    ),
    aside: migrated.aside,
  };
}
