import type { Explanation } from "../api/explanation.ts";
import { innerKey, splitKey } from "../keys.ts";
import { MODEL } from "../schema.ts";
import { findPlace } from "../setting-node.ts";
import type { SettingsModel } from "../settings-model.ts";
import { ANY_NAME, explainPlace, type KnownPlace } from "./explain-place.ts";
import { listAllPlaces } from "./list-places.ts";

export type ExplainResult =
  | { readonly found: true; readonly explanation: Explanation }
  | { readonly found: false; readonly reason: string };

type PlaceResult =
  | { readonly found: true; readonly place: KnownPlace }
  | { readonly found: false; readonly reason: string };

/** What a setting, a table or a map is, for people. The key is taken with or without the leading `settings.`. */
export function explainKey(key: string, model = MODEL): ExplainResult {
  const result = knownPlace(key, model);
  return result.found ? { found: true, explanation: explainPlace(result.place, model) } : result;
}

/** The place of a key, in which `<name>` may stand for names, as the reference writes it. */
export function knownPlace(key: string, model: SettingsModel): PlaceResult {
  const segments = splitKey(innerKey(key.replaceAll(ANY_NAME, JSON.stringify(ANY_NAME))));
  if (segments === undefined) return { found: false, reason: "is not a known setting" };
  if (segments.includes(ANY_NAME)) {
    const text = segments.join(".");
    const place = listAllPlaces(model).find((one) => one.segments.join(".") === text);
    return place === undefined
      ? { found: false, reason: "is not a known setting" }
      : { found: true, place };
  }
  const place = findPlace(model.root, segments);
  if (!place.found) return place;
  const maps = segments.flatMap((_, depth) => {
    const above = findPlace(model.root, segments.slice(0, depth));
    return above.found && above.node.kind === "map" ? [{ depth, node: above.node }] : [];
  });
  return { found: true, place: { segments, node: place.node, maps } };
}
