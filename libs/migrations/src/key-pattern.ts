import { joinKey, splitKey } from "@ballast/model";

/** Segments of keys; `*` stands for any one name. */
export type KeyPattern = readonly string[];

/** `containers.*.image` as segments; undefined if it is no pattern. */
export function parsePattern(text: string): KeyPattern | undefined {
  const segments = splitKey(text.replaceAll(/(?<=^|\.)\*(?=\.|$)/g, '"*"'));
  return segments === undefined || segments.length === 0 ? undefined : segments;
}

/** Whether the key is one that the pattern names, or lies below one. */
export function covers(pattern: KeyPattern, segments: readonly string[]): boolean {
  return (
    segments.length >= pattern.length &&
    pattern.every((name, index) => name === "*" || name === segments[index])
  );
}

/** The entries of maps, by the stars of the pattern, that a key which it covers lies in; the outermost first. */
export function entriesOf(pattern: KeyPattern, segments: readonly string[]): string[] {
  return pattern.flatMap((name, index) =>
    name === "*" ? [joinKey(segments.slice(0, index + 1))] : [],
  );
}
