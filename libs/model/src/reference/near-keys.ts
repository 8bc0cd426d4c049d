import { innerKey, joinKey, splitKey } from "../keys.ts";
import { allowedEdits, editDistance } from "../near-text.ts";
import { MODEL } from "../schema.ts";
import { knownPlace } from "./explain.ts";
import { ANY_NAME } from "./explain-place.ts";
import { listAllPlaces } from "./list-places.ts";

/** Nobody means a key that is longer, and to compare it with all others would take long. */
const MAX_LENGTH = 128;
const MAX_KEYS = 3;
const PREFIX_MIN_LENGTH = 3;

/**
 * Keys that somebody may have meant by one that is not known, the nearest first: slips of the pen, names that are cut
 * short, and the end of a key alone. Names of entries are kept as they were given.
 */
export function nearKeys(key: string, model = MODEL): string[] {
  const wanted = innerKey(key);
  if (wanted === "" || wanted.length > MAX_LENGTH) return [];
  const segments = splitKey(wanted) ?? wanted.split(".");
  const near = listAllPlaces(model).flatMap((place) => {
    const start = place.segments.length - segments.length;
    const edits = editsOf(segments, place.segments.slice(Math.max(start, 0)), start);
    if (start < 0 || edits === undefined) return [];
    const meant = place.segments.map((name, index) =>
      name === ANY_NAME ? (segments[index - start] ?? name) : name,
    );
    return [{ key: written(meant), rank: edits * 2 + (start > 0 ? 1 : 0) }];
  });
  const keys = near
    .toSorted((one, two) => one.rank - two.rank || (one.key < two.key ? -1 : 1))
    .map((one) => one.key)
    .filter((one) => knownPlace(one, model).found);
  return [...new Set(keys)].slice(0, MAX_KEYS);
}

/** How much of the names differs, undefined if it is too much. A name of the user's own choice differs from none. */
function editsOf(
  segments: readonly string[],
  names: readonly string[],
  start: number,
): number | undefined {
  // An entry of a map could be called anything, so its name alone tells nothing.
  if (start > 0 && names.at(-1) === ANY_NAME) return undefined;
  let sum = 0;
  for (const [index, segment] of segments.entries()) {
    const name = names[index] ?? "";
    if (name === ANY_NAME || name === segment) continue;
    const isPrefix = segment.length >= PREFIX_MIN_LENGTH && name.startsWith(segment);
    const max = allowedEdits(segment);
    const edits = isPrefix ? 1 : editDistance(segment, name, max);
    if (edits > max) return undefined;
    sum += edits;
  }
  return sum;
}

function written(segments: readonly string[]): string {
  return segments.map((name) => (name === ANY_NAME ? name : joinKey([name]))).join(".");
}
