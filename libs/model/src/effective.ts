import { flatten, isBelow, unflatten, type FlatSettings } from "./keys.ts";
import type { Settings } from "./nested.ts";
import { GROUP_LIST, SECRET_KEYS } from "./schema.ts";
import type { Issue } from "./settings-group.ts";

const DEFAULTS: FlatSettings = new Map(
  GROUP_LIST.flatMap(([path, group]) => [...flatten(group.defaults, path)]),
);

/** Stored values over the defaults of this image. */
export function effectiveSettings(stored: FlatSettings): Map<string, unknown> {
  return new Map([...DEFAULTS, ...stored]);
}

/** The typed tree of effective values. The values were validated when they were set. */
export function nestSettings(effective: FlatSettings): Settings {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every value passed its group's schema
  return unflatten(effective) as unknown as Settings;
}

/** The effective value of one group; a group of one setting is that value itself. */
export function groupValue(path: string, effective: FlatSettings): unknown {
  if (effective.has(path)) return effective.get(path);
  const below = [...effective]
    .filter(([key]) => isBelow(key, path))
    .map(([key, value]) => [key.slice(path.length + 1), value] as const);
  return unflatten(new Map(below));
}

/** Rules between settings, checked over the effective values when a transaction is committed. */
export function checkRules(effective: FlatSettings): Issue[] {
  return GROUP_LIST.flatMap(([path, group]) =>
    group
      .check(groupValue(path, effective))
      .map(({ key, reason }) => ({ key: `${path}.${key}`, reason })),
  );
}

/** Leaves out values that are write-only. */
export function withoutSecrets(flat: FlatSettings): Map<string, unknown> {
  return new Map([...flat].filter(([key]) => !SECRET_KEYS.has(key)));
}
