import type * as z from "zod";
import { joinKey, splitKey } from "./keys.ts";
import type { PartialSettings } from "./nested.ts";
import { GROUPS } from "./registry.ts";
import { findPlace } from "./setting-node.ts";
import { buildModel, isSecretKey, placeOf, type SettingsModel } from "./settings-model.ts";

/** The settings of the product. */
export const MODEL: SettingsModel = buildModel(GROUPS);

/** Some settings, nested; a key that no group knows is an error at every level. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- PartialSettings is made of the same groups
export const PartialSettingsSchema = MODEL.partialSchema as z.ZodType<PartialSettings>;

/** Whether the value of this key never leaves the machine. */
export function isSecret(key: string): boolean {
  return isSecretKey(MODEL, key);
}

/** Whether a setting, an entry, a map or a group can stand at this key. */
export function isKnown(key: string): boolean {
  return placeOf(MODEL, key).found;
}

/** The entries of maps that a key lies in, as far as it is known; the outermost first. */
export function mapEntriesOf(key: string): string[] {
  const segments = splitKey(key) ?? [];
  const places = segments.map((_, index) => segments.slice(0, index + 1));
  return places
    .filter((place) => {
      const found = findPlace(MODEL.root, place);
      return found.found && found.isEntry;
    })
    .map(joinKey);
}
