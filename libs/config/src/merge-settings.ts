import { isDeferred } from "./deferred.ts";
import type { SettingsDraft } from "./settings-draft.ts";

/**
 * Settings on top of each other: tables are merged, a later value takes the place of an earlier one, lists too, and
 * `undefined` leaves the earlier one alone.
 */
export function mergeSettings(...parts: readonly SettingsDraft[]): SettingsDraft {
  return parts.reduce((below: object, above) => mergeTables(below, above), {});
}

function mergeTables(below: object, above: object): object {
  const merged = new Map<string, unknown>(Object.entries(below));
  for (const [name, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const earlier = merged.get(name);
    merged.set(name, isTable(earlier) && isTable(value) ? mergeTables(earlier, value) : value);
  }
  return Object.fromEntries(merged);
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isDeferred(value);
}
