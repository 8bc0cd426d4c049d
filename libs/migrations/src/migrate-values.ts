import type { FlatSettings } from "@ballast/model";
import { hasItsPlace, placesOf, type AsideValue } from "./aside.ts";
import { chainBetween } from "./chain.ts";
import { checkResult, NOTHING_REFUSED } from "./check-result.ts";
import { cross, type Crossing } from "./cross.ts";
import type { MigrationHistory } from "./history.ts";
import { changesBetween, type KeyReason, type MigrationReport } from "./report.ts";
import type { SettingsSchema } from "./settings-schema.ts";
import { plain, workingValue, type Working } from "./working-values.ts";

export interface MigrateOptions {
  /** What earlier migrations set aside in the database that the values are of. */
  readonly aside?: readonly AsideValue[];
  /** Who set each value, by key; a new key has it from where its value is from. */
  readonly sources?: ReadonlyMap<string, string>;
  /** What the version `to` takes; else what the history has for it. */
  readonly schema?: SettingsSchema;
}

export interface Migrated {
  readonly values: ReadonlyMap<string, unknown>;
  /** Of those keys of `values` for which it is known. */
  readonly sources: ReadonlyMap<string, string>;
  /** All that the new database must keep besides its values; nothing of `options.aside` is to be kept else. */
  readonly aside: readonly AsideValue[];
  readonly report: MigrationReport;
}

/**
 * The set values of one version in the form of another, and what that cannot hold. Pure: the arguments stay as they are.
 * Throws MigrationError if a migration does what it must not; there is no half result.
 */
export function migrateValues(
  values: FlatSettings,
  from: string,
  to: string,
  history: MigrationHistory,
  { aside = [], sources = new Map(), schema = history.schemas.get(to) }: MigrateOptions = {},
): Migrated {
  const { direction, migrations } = chainBetween(from, to, history);
  const working: Working = {
    values: new Map(
      [...values].map(([key, value]) => [
        key,
        workingValue(key, value, { source: sources.get(key) }),
      ]),
    ),
    aside: [...aside],
  };
  const taken = takeRefused(working);
  const crossings = migrations.map((migration) => cross(migration, direction, working));
  const checked = schema === undefined ? NOTHING_REFUSED : checkResult(working, direction, schema);
  working.aside.push(...checked.aside);

  const known = new Set(aside);
  const after = plain(working.values);
  return {
    values: after,
    sources: new Map(
      [...working.values].flatMap(([key, { source }]) =>
        source === undefined ? [] : [[key, source]],
      ),
    ),
    aside: working.aside,
    report: {
      from,
      to,
      direction,
      steps: crossings.map(({ step }) => step),
      changes: changesBetween(values, after),
      aside: [
        ...working.aside.flatMap((entry) => (known.has(entry) ? [] : crossingReason(entry))),
        ...checked.reasons.filter(({ key }) => values.has(key) || !taken.restored.includes(key)),
      ],
      restored: namesOf([taken, ...crossings], "restored").filter((key) => !checked.keys.has(key)),
      superseded: namesOf([taken, ...crossings], "superseded"),
      unused: checked.unused,
    },
  };
}

function namesOf(
  parts: readonly Pick<Crossing, "restored" | "superseded">[],
  name: "restored" | "superseded",
): string[] {
  return [...new Set(parts.flatMap((part) => part[name]))].toSorted();
}

function crossingReason({ key, value, crossing }: AsideValue): KeyReason[] {
  if (crossing === null || value === undefined) return [];
  return [{ key, reason: `"${crossing.migration}" has no place for it in the other form` }];
}

/** What only the schema of the starting version refused is in its form: it goes the same way, but only as far as it can. */
function takeRefused(working: Working): Pick<Crossing, "restored" | "superseded"> {
  const refused = working.aside.filter(({ crossing }) => crossing === null);
  working.aside = working.aside.filter(({ crossing }) => crossing !== null);
  if (refused.length === 0) return { restored: [], superseded: [] };
  const places = placesOf(working.values.keys());
  const restored: string[] = [];
  const superseded: string[] = [];
  for (const entry of refused) {
    const { key, value, source } = entry;
    if (working.values.has(key) || !hasItsPlace(entry, places)) superseded.push(key);
    else {
      restored.push(key);
      working.values.set(key, workingValue(key, value, { source, wasRefused: true }));
    }
  }
  return { restored, superseded };
}
