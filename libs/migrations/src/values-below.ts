import { isBelow, type FlatSettings } from "@ballast/model";

/** The keys of the values that lie at or below a place. */
export function keysBelow(values: FlatSettings, place: string): string[] {
  return [...values.keys()].filter((key) => isBelow(key, place));
}

/** The key of the value that a place is or lies in, such as that of a list for its third item. */
export function keyAround(values: FlatSettings, place: string): string[] {
  return [...values.keys()].filter((key) => isBelow(place, key));
}
