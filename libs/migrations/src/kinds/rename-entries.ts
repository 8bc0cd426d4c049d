import type { FlatSettings } from "@ballast/model";
import type { KeyChangeKind } from "./key-change.ts";
import { keyAt, patternOf, placeIn } from "./place.ts";

type Rename = (name: string) => string;

/**
 * Other names for the entries of a map: `renameEntries("kernel.modules", { forward: …, backward: … })`. Throws, when it runs,
 * if two entries would get one name.
 */
export function renameEntries(
  map: string,
  { forward, backward }: { readonly forward: Rename; readonly backward: Rename },
): KeyChangeKind {
  const pattern = patternOf(`${map}.*`);
  const renamed = (values: FlatSettings, rename: Rename): FlatSettings => {
    const result = new Map<string, unknown>();
    for (const [key, value] of values) {
      const place = placeIn(pattern, key);
      const name = place?.names.at(-1);
      const target =
        place === undefined || name === undefined
          ? key
          : keyAt(pattern, { ...place, names: [...place.names.slice(0, -1), rename(name)] });
      if (result.has(target)) throw new Error(`two values would stand at "${target}"`);
      result.set(target, value);
    }
    return result;
  };
  return {
    owns: [map],
    forward: (values) => renamed(values, forward),
    backward: (values) => renamed(values, backward),
  };
}
