import {
  checkRules,
  effectiveSettings,
  isKnown,
  isSecret,
  mapEntriesOf,
  parsePatch,
  unflatten,
  type FlatSettings,
} from "@ballast/model";
import { keyAround, keysBelow } from "./values-below.ts";
import type { SettingsSchema } from "./settings-schema.ts";

/** What the version that this code is of takes. */
export const PRODUCT_SCHEMA: SettingsSchema = {
  refused: refusedNow,
  broken: (values) => {
    const refused = refusedNow(values);
    return checkRules(effectiveSettings(new Map([...values].filter(([key]) => !refused.has(key)))));
  },
  entriesOf: mapEntriesOf,
  isSecret,
};

function refusedNow(values: FlatSettings): ReadonlyMap<string, string> {
  const parsed = parsePatch(unflatten(values));
  if (parsed.ok) return new Map();
  return new Map(
    parsed.issues.flatMap(({ key, reason }) =>
      // Of a known place only what stands there can be wrong: that a map has too many entries is a rule for all of them.
      (isKnown(key)
        ? keyAround(values, key)
        : [...keyAround(values, key), ...keysBelow(values, key)]
      ).map((name) => [name, reason] as const),
    ),
  );
}
