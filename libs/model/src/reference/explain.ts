import type { Explanation } from "../api/explanation.ts";
import { innerKey, splitKey } from "../keys.ts";
import { MODEL } from "../schema.ts";
import { findPlace } from "../setting-node.ts";
import { explainPlace } from "./explain-place.ts";

export type ExplainResult =
  | { readonly found: true; readonly explanation: Explanation }
  | { readonly found: false; readonly reason: string };

/** What a setting, a table or a map is, for people. The key is taken with or without the leading `settings.`. */
export function explainKey(key: string, model = MODEL): ExplainResult {
  const segments = splitKey(innerKey(key));
  if (segments === undefined) return { found: false, reason: "is not a known setting" };
  const place = findPlace(model.root, segments);
  if (!place.found) return place;
  const maps = segments.flatMap((_, depth) => {
    const above = findPlace(model.root, segments.slice(0, depth));
    return above.found && above.node.kind === "map" ? [{ depth, node: above.node }] : [];
  });
  return { found: true, explanation: explainPlace({ segments, node: place.node, maps }, model) };
}
