import type { SettingsModel } from "../settings-model.ts";
import type { SettingNode } from "../setting-node.ts";
import { ANY_NAME, type KnownPlace } from "./explain-place.ts";

/** Every place below a group in the order of its schema, a table before its members; `<name>` stands for each name. */
export function listPlaces(model: SettingsModel, path: string): KnownPlace[] {
  const segments = path.split(".");
  const node = segments.reduce<SettingNode | undefined>(
    (inner, name) => (inner?.kind === "table" ? inner.fields.get(name) : undefined),
    model.root,
  );
  return node === undefined ? [] : placesIn({ segments, node, maps: [] });
}

/** Every place of the model below the root. */
export function listAllPlaces(model: SettingsModel): KnownPlace[] {
  const cached = ALL_PLACES.get(model);
  if (cached !== undefined) return cached;
  const places = inside({ segments: [], node: model.root, maps: [] }).flatMap(placesIn);
  ALL_PLACES.set(model, places);
  return places;
}

/** A model never changes. */
const ALL_PLACES = new WeakMap<SettingsModel, KnownPlace[]>();

function placesIn(place: KnownPlace): KnownPlace[] {
  return [place, ...inside(place).flatMap(placesIn)];
}

function inside({ segments, node, maps }: KnownPlace): KnownPlace[] {
  if (node.kind === "leaf") return [];
  if (node.kind === "table")
    return [...node.fields].map(([name, field]) => ({
      segments: [...segments, name],
      node: field,
      maps,
    }));
  const passed = [...maps, { depth: segments.length, node }];
  return [{ segments: [...segments, ANY_NAME], node: node.entry, maps: passed }];
}
