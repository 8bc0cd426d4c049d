import type { FlatSettings } from "@ballast/model";
import type { KeyPattern } from "../key-pattern.ts";
import type { KeyChangeKind } from "./key-change.ts";
import { keyAt, patternOf, placeIn, starsOf, type Place } from "./place.ts";

/** Values of some keys; one that is not set is absent. */
type Parts = Readonly<Record<string, unknown>>;

export interface Merge {
  /** The keys by the names that `join` and `part` have for them. */
  readonly parts: Readonly<Record<string, string>>;
  readonly whole: string;
  /** Called when at least one part is set; undefined: not set. */
  join(parts: Parts): unknown;
  /** Called when the whole is set. */
  part(whole: unknown): Parts;
  readonly loses?: boolean;
}

/** Several keys become one; stars stand for the same names in all of them. */
export function mergeKeys(merge: Merge): KeyChangeKind {
  const { parts, whole, loses = false } = merge;
  const ready = { merge, whole: patternOf(whole), parts: patternsOf(merge) };
  return {
    owns: [...Object.values(parts), whole],
    ...(loses ? { loses: Object.values(parts) } : {}),
    forward: (values) => joined(values, ready),
    backward: (values) => parted(values, ready),
  };
}

/** One key becomes several. */
export function splitKeys(merge: Merge): KeyChangeKind {
  const { owns, forward, backward } = mergeKeys(merge);
  const loses = merge.loses === true ? { loses: [merge.whole] } : {};
  return { owns, ...loses, forward: backward, backward: forward };
}

interface ReadyMerge {
  readonly merge: Merge;
  readonly whole: KeyPattern;
  readonly parts: readonly (readonly [name: string, pattern: KeyPattern])[];
}

function patternsOf({ parts, whole }: Merge): ReadyMerge["parts"] {
  const stars = starsOf(patternOf(whole));
  return Object.entries(parts).map(([name, key]) => {
    const pattern = patternOf(key);
    if (starsOf(pattern) !== stars)
      throw new TypeError(`"${key}" and "${whole}" must have as many stars`);
    return [name, pattern];
  });
}

function joined(values: FlatSettings, { merge, whole, parts }: ReadyMerge): FlatSettings {
  const result = new Map(values);
  const found = new Map<string, { place: Place; parts: Record<string, unknown> }>();
  for (const [key, value] of values)
    for (const [name, pattern] of parts) {
      const place = placeIn(pattern, key);
      if (place === undefined || place.rest.length > 0) continue;
      result.delete(key);
      const target = keyAt(whole, place);
      const { parts: known } = found.get(target) ?? { parts: {} };
      found.set(target, { place, parts: { ...known, [name]: value } });
    }
  for (const [target, { parts: known }] of found)
    setUnlessAbsent(result, target, merge.join(known));
  return result;
}

function parted(values: FlatSettings, { merge, whole, parts }: ReadyMerge): FlatSettings {
  const result = new Map(values);
  for (const [key, value] of values) {
    const place = placeIn(whole, key);
    if (place === undefined || place.rest.length > 0) continue;
    result.delete(key);
    const known = merge.part(value);
    for (const [name, pattern] of parts)
      setUnlessAbsent(result, keyAt(pattern, place), known[name]);
  }
  return result;
}

function setUnlessAbsent(values: Map<string, unknown>, key: string, value: unknown): void {
  if (value !== undefined) values.set(key, value);
}
