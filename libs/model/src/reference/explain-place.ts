import * as z from "zod";
import type { Explanation } from "../api/explanation.ts";
import { isBelow, joinKey, unflatten } from "../keys.ts";
import type { SettingNode } from "../setting-node.ts";
import { isSecretKey, type SettingsModel } from "../settings-model.ts";
import { changeEffects } from "./change-effects.ts";
import { typeWords } from "./type-words.ts";

type MapNode = Extract<SettingNode, { readonly kind: "map" }>;

/** A place of the model on the way from the root, with the maps that were passed and how deep they lie. */
export interface KnownPlace {
  readonly segments: readonly string[];
  readonly node: SettingNode;
  readonly maps: readonly { readonly depth: number; readonly node: MapNode }[];
}

/** Stands in a key for a name that the user chooses. */
export const ANY_NAME = "<name>";

const KIND = { leaf: "setting", table: "table", map: "map" } as const;

export function explainPlace(place: KnownPlace, model: SettingsModel): Explanation {
  const { segments, node } = place;
  const key = joinKey(segments);
  const { description = null, example = null } = metaOf(node.schema);
  const preset = node.kind === "leaf" ? defaultOf(place, model) : defaultEntries(place, model);
  return {
    key: segments.map((name) => (name === ANY_NAME ? name : joinKey([name]))).join("."),
    kind: KIND[node.kind],
    type: typeOf(node),
    default: preset ?? null,
    required: preset === undefined && isNeeded(place),
    secret: isSecretKey(model, key),
    description,
    example,
    ...changeEffects(key, model),
    members: membersOf(node),
  };
}

function typeOf(node: SettingNode): string {
  if (node.kind === "leaf") return typeWords(node.schema);
  return node.kind === "table" ? "table" : "table of names that you choose";
}

function membersOf(node: SettingNode): string[] {
  if (node.kind === "leaf") return [];
  return node.kind === "map" ? [ANY_NAME] : [...node.fields.keys()];
}

/** Only settings of tables are: an entry of a map is there because it is set. */
function isNeeded({ segments, node, maps }: KnownPlace): boolean {
  const isEntry = maps.at(-1)?.depth === segments.length - 1;
  return node.kind === "leaf" && !isEntry && !(node.schema instanceof z.ZodOptional);
}

/** Description and example of a field, wherever in its schema they were given. */
function metaOf(schema: z.ZodType): z.GlobalMeta {
  const meta = schema.meta();
  if (meta !== undefined || !(schema instanceof z.ZodOptional)) return { ...meta };
  const inner = schema.unwrap();
  return inner instanceof z.ZodType ? metaOf(inner) : {};
}

/** What holds when a setting is not set: the default of this very key, else that of the entry it lies in. */
function defaultOf({ segments, maps }: KnownPlace, model: SettingsModel): unknown {
  const inEntries = maps
    .toReversed()
    .map(({ depth, node }) => node.defaults.get(joinKey(segments.slice(depth + 1))));
  return [model.defaults.get(joinKey(segments)), ...inEntries].find((value) => value !== undefined);
}

/** The entries that a map has when none is set. */
function defaultEntries({ segments, node }: KnownPlace, model: SettingsModel): unknown {
  const key = joinKey(segments);
  const inside = [...model.defaults].filter(([inner]) => isBelow(inner, key));
  if (node.kind !== "map" || inside.length === 0) return undefined;
  return unflatten(new Map(inside.map(([inner, value]) => [inner.slice(key.length + 1), value])));
}
