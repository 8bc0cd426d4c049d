import { isDeepStrictEqual } from "node:util";

/**
 * Three-way merge: where `theirs` differs from what both began with, theirs counts, for they ran last; elsewhere ours.
 * Pure; values by key.
 */
export function mergeValues<Entry extends { readonly value: unknown }>(
  base: ReadonlyMap<string, unknown>,
  ours: ReadonlyMap<string, Entry>,
  theirs: ReadonlyMap<string, Entry>,
): Map<string, Entry> {
  const merged = new Map<string, Entry>();
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const theirEntry = theirs.get(key);
    const isTheirs = !isDeepStrictEqual(theirEntry?.value, base.get(key));
    const entry = isTheirs ? theirEntry : ours.get(key);
    if (entry !== undefined) merged.set(key, entry);
  }
  return merged;
}
