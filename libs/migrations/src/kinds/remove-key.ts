import type { KeyChangeKind } from "./key-change.ts";
import { patternOf, placeIn } from "./place.ts";

/** Takes away what was set at a key and below it; the older version gets it back as it was. */
export function removeKey(key: string): KeyChangeKind {
  const pattern = patternOf(key);
  return {
    owns: [key],
    loses: [key],
    forward: (values) =>
      new Map([...values].filter(([name]) => placeIn(pattern, name) === undefined)),
    backward: (values) => values,
  };
}
