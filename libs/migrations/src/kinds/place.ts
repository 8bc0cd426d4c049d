import { joinKey } from "@ballast/model";
import { covers, parsePattern, segmentsOf, type KeyPattern } from "../key-pattern.ts";

/** Where a key lies by a pattern: the names for its stars, and what of the key is below it. */
export interface Place {
  readonly names: readonly string[];
  readonly rest: readonly string[];
}

/** A pattern of a migration that is being written; one that is none is a mistake of its author. */
export function patternOf(text: string): KeyPattern {
  const pattern = parsePattern(text);
  if (pattern === undefined) throw new TypeError(`"${text}" is no key`);
  return pattern;
}

export function placeIn(pattern: KeyPattern, key: string): Place | undefined {
  const segments = segmentsOf(key);
  if (!covers(pattern, segments)) return undefined;
  return {
    names: segments.filter((_, index) => pattern[index] === "*"),
    rest: segments.slice(pattern.length),
  };
}

/** The key at a place of another pattern with as many stars. */
export function keyAt(pattern: KeyPattern, { names, rest }: Place): string {
  let star = 0;
  const segments = pattern.map((name) => (name === "*" ? (names[star++] ?? name) : name));
  return joinKey([...segments, ...rest]);
}

export function starsOf(pattern: KeyPattern): number {
  return pattern.filter((name) => name === "*").length;
}
