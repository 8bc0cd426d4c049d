import * as z from "zod";
import { flatten, splitKey, type FlatSettings } from "./keys.ts";
import {
  deepPartial,
  findPlace,
  settingNode,
  type Place,
  type SettingNode,
} from "./setting-node.ts";
import type { SettingsGroup } from "./settings-group.ts";

// The host forbids code generation from strings; without this zod probes `new Function` at the first parse.
z.config({ jitless: true });

/** Everything that follows from a list of groups. There is one for the product; tests make others. */
export interface SettingsModel {
  /** By dotted path below `settings`, in the order of apply. */
  readonly groups: readonly (readonly [path: string, group: SettingsGroup])[];
  readonly root: SettingNode;
  /** Some settings, nested; a key that no group knows is an error at every level. */
  readonly partialSchema: z.ZodType;
  readonly defaults: FlatSettings;
  /** Segments of keys that are write-only; `*` stands for any one name. */
  readonly secrets: readonly (readonly string[])[];
}

export function buildModel(groups: Readonly<Record<string, SettingsGroup>>): SettingsModel {
  const list = Object.entries(groups);
  const whole = tableOf(list.map(([path, { schema }]) => [path, schema]));
  return {
    groups: list,
    root: settingNode(whole),
    partialSchema: deepPartial(whole),
    defaults: new Map(list.flatMap(([path, group]) => [...flatten(group.defaults, path)])),
    secrets: list.flatMap(([path, group]) =>
      group.secrets.map((key) => `${path}.${key}`.split(".")),
    ),
  };
}

/** The place of a dotted key, and what can be done there. */
export function placeOf(model: SettingsModel, key: string): Place {
  const segments = splitKey(key);
  if (segments === undefined) return { found: false, reason: "is not a known setting" };
  return findPlace(model.root, segments);
}

export function isSecretKey(model: SettingsModel, key: string): boolean {
  const segments = splitKey(key) ?? [];
  return model.secrets.some(
    (pattern) =>
      pattern.length === segments.length &&
      pattern.every((name, index) => name === "*" || name === segments[index]),
  );
}

/** Whether a value can stand at this key. */
export function isSettable(model: SettingsModel, key: string): boolean {
  const place = placeOf(model, key);
  return place.found && place.node.kind === "leaf";
}

function tableOf(entries: readonly (readonly [string, z.ZodType])[]): z.ZodType {
  const tables = Map.groupBy(entries, ([path]) => path.split(".", 1)[0] ?? path);
  const shape: Record<string, z.ZodType> = {};
  for (const [name, members] of tables) {
    const [first] = members;
    if (members.length === 1 && first?.[0] === name) shape[name] = first[1];
    else
      shape[name] = tableOf(
        members.map(([path, schema]) => [path.slice(name.length + 1), schema] as const),
      );
  }
  return z.strictObject(shape);
}
