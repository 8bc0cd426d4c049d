import { joinKey, splitKey } from "@ballast/model";

/** Segments of keys; `*` stands for any one name. */
export type KeyPattern = readonly string[];

const MEMO_MAX = 20_000;
const memo = new Map<string, readonly string[]>();

/** The segments of a key that is one, else the text as the only one. Remembers: each migration asks for the same keys. */
export function segmentsOf(key: string): readonly string[] {
  const known = memo.get(key);
  if (known !== undefined) return known;
  if (memo.size === MEMO_MAX) memo.clear();
  const segments = splitKey(key) ?? [key];
  memo.set(key, segments);
  return segments;
}

/** `containers.*.image` as segments; undefined if it is no pattern. */
export function parsePattern(text: string): KeyPattern | undefined {
  const segments = splitKey(text.replaceAll(/(?<=^|\.)\*(?=\.|$)/g, '"*"'));
  return segments === undefined || segments.length === 0 ? undefined : segments;
}

/** Whether the key is one that the pattern names, or lies below one. A loop: thousands of keys meet a hundred patterns. */
export function covers(pattern: KeyPattern, segments: readonly string[]): boolean {
  if (segments.length < pattern.length) return false;
  for (let index = 0; index < pattern.length; index += 1)
    if (pattern[index] !== "*" && pattern[index] !== segments[index]) return false;
  return true;
}

/** The entries of maps, by the stars of the pattern, that a key which it covers lies in; the outermost first. */
export function entriesOf(pattern: KeyPattern, segments: readonly string[]): string[] {
  return pattern.flatMap((name, index) =>
    name === "*" ? [joinKey(segments.slice(0, index + 1))] : [],
  );
}
