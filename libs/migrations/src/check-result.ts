import { isBelow } from "@ballast/model";
import { placesOf, type AsideValue } from "./aside.ts";
import type { Direction } from "./chain.ts";
import { FAULT_HINT, MigrationError } from "./errors.ts";
import type { KeyReason } from "./report.ts";
import type { SettingsSchema } from "./settings-schema.ts";
import { plain, type Working } from "./working-values.ts";

export interface Checked {
  readonly aside: readonly AsideValue[];
  readonly reasons: readonly KeyReason[];
  readonly keys: ReadonlySet<string>;
  readonly unused: readonly KeyReason[];
}

export const NOTHING_REFUSED: Checked = { aside: [], reasons: [], keys: new Set(), unused: [] };

/**
 * Going backward, what the schema does not take is set aside. Going forward it is a fault of the migration that wrote it; a
 * value that no migration wrote stays, as every value does that a version does not know.
 */
export function checkResult(
  working: Working,
  direction: Direction,
  schema: SettingsSchema,
): Checked {
  const refused = schema.refused(plain(working.values));
  const entries: AsideValue[] = [];
  const unused: KeyReason[] = [];
  for (const [key, reason] of refused) {
    const found = working.values.get(key);
    if (found === undefined) continue;
    if (direction === "backward" || found.wasRefused) {
      const { value, source } = found;
      working.values.delete(key);
      const within = [...schema.entriesOf(key)];
      entries.push({
        key,
        value,
        ...(source === undefined ? {} : { source }),
        within,
        crossing: null,
      });
    } else if (found.by === undefined) unused.push({ key, reason });
    else throw refusedValue(found.by, key, reason);
  }
  if (direction === "forward") checkRules(working, schema);
  const places = placesOf(working.values.keys());
  return {
    aside: entries.map((entry) => ({
      ...entry,
      within: entry.within.filter((name) => places.has(name)),
    })),
    reasons: entries.map(({ key }) => ({ key, reason: refused.get(key) ?? "" })),
    keys: new Set(entries.map(({ key }) => key)),
    unused,
  };
}

/** Rules between settings concern a migration that wrote one of these. */
function checkRules(working: Working, schema: SettingsSchema): void {
  for (const { key, reason } of schema.broken?.(plain(working.values)) ?? [])
    for (const [name, { by }] of working.values)
      if (by !== undefined && (isBelow(name, key) || isBelow(key, name)))
        throw refusedValue(by, key, reason);
}

function refusedValue(migration: string, key: string, reason: string): MigrationError {
  return new MigrationError(
    "migrations.refused-value",
    `Cannot migrate settings forward with "${migration}" at "${key}": ${reason}`,
    { details: { migration, key }, hint: FAULT_HINT },
  );
}
