import type { FlatSettings } from "@ballast/model";
import type { KeyPattern } from "../key-pattern.ts";
import type { KeyChangeKind } from "./key-change.ts";
import { keyAt, patternOf, placeIn, starsOf } from "./place.ts";

/** `renameKey("network.hostname", "network.name")`, with what lies below; stars stand for the same names on both sides. */
export function renameKey(before: string, after: string): KeyChangeKind {
  const [older, newer] = [patternOf(before), patternOf(after)];
  if (starsOf(older) !== starsOf(newer))
    throw new TypeError(`"${before}" and "${after}" must have as many stars`);
  return {
    owns: [before, after],
    forward: (values) => moved(values, older, newer),
    backward: (values) => moved(values, newer, older),
  };
}

function moved(values: FlatSettings, from: KeyPattern, to: KeyPattern): FlatSettings {
  return new Map(
    [...values].map(([key, value]) => {
      const place = placeIn(from, key);
      return [place === undefined ? key : keyAt(to, place), value];
    }),
  );
}
