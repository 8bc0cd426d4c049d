import * as z from "zod";
import { joinKey, splitKey } from "@ballast/model";

/**
 * A value that a database keeps though its version cannot hold it. It belongs to the database like its values and comes back
 * when the settings go the other way. `value` absent: the key was not set. May be a secret.
 */
export const AsideValue = z.strictObject({
  key: z.string(),
  value: z.unknown().optional(),
  source: z.string().optional(),
  /** Entries of maps that must still be there when it comes back; they have values of their own. */
  within: z.array(z.string()),
  /**
   * The migration across which it comes back, and what crossing that gives for the key if nobody changed anything
   * meanwhile. Null: the schema of this version does not take the value, which is in the form of this version.
   */
  crossing: z.nullable(
    z.strictObject({
      migration: z.string(),
      instead: z.unknown().optional(),
    }),
  ),
});
export type AsideValue = z.output<typeof AsideValue>;

export const AsideValues = z.array(AsideValue);

/** Every key below which there are values: tables, maps and entries. */
export function placesOf(keys: Iterable<string>): ReadonlySet<string> {
  const places = new Set<string>();
  for (const key of keys) {
    const segments = splitKey(key) ?? [];
    for (const length of segments.keys()) places.add(joinKey(segments.slice(0, length)));
  }
  return places;
}

/** Whether every entry that the value belongs into is still there. */
export function hasItsPlace({ within }: AsideValue, places: ReadonlySet<string>): boolean {
  return within.every((entry) => places.has(entry));
}
