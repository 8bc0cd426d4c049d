import { isDeepStrictEqual } from "node:util";
import type { FlatSettings } from "@ballast/model";
import type { KeyChangeKind } from "./key-change.ts";
import { patternOf, placeIn } from "./place.ts";

type Convert = (value: unknown) => unknown;

/**
 * Another type or form for the value of a key: `changeValue("ntp.interval", { forward: (s) => Number(s), … })`. With `loses`,
 * two older values may become the same newer one.
 */
export function changeValue(
  key: string,
  { forward, backward, loses = false }: { forward: Convert; backward: Convert; loses?: boolean },
): KeyChangeKind {
  const pattern = patternOf(key);
  const convert = (values: FlatSettings, change: Convert): FlatSettings =>
    new Map(
      [...values].map(([name, value]) => {
        const isMeant = placeIn(pattern, name)?.rest.length === 0;
        return [name, isMeant ? change(value) : value];
      }),
    );
  return {
    owns: [key],
    ...(loses ? { loses: [key] } : {}),
    forward: (values) => convert(values, forward),
    backward: (values) => convert(values, backward),
  };
}

/** One value of a key for another; other values stay. A list is meant as a whole. */
export function replaceValue(key: string, before: unknown, after: unknown): KeyChangeKind {
  const swap = (from: unknown, to: unknown) => (value: unknown) =>
    isDeepStrictEqual(value, from) ? to : value;
  return changeValue(key, {
    forward: swap(before, after),
    backward: swap(after, before),
    // Who had set the new value before has the same as those that get it now.
    loses: true,
  });
}
