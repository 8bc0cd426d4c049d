import * as z from "zod";
import { flatten, type FlatSettings } from "./keys.ts";
import { entryDefaults, mapWith } from "./named-map.ts";

/** What can stand at a place below `settings`. */
export type SettingNode = {
  /** As its group has it, optional or not. */
  readonly schema: z.ZodType;
} & (
  | { readonly kind: "leaf" }
  | { readonly kind: "table"; readonly fields: ReadonlyMap<string, SettingNode> }
  | {
      readonly kind: "map";
      readonly name: z.ZodType;
      readonly entry: SettingNode;
      /** Keys relative to the entry. */
      readonly defaults: FlatSettings;
    }
);

/** The tree of a schema made of strict objects, named maps and anything else as leaves. */
export function settingNode(schema: z.ZodType): SettingNode {
  if (schema instanceof z.ZodOptional) return { ...settingNode(unwrapped(schema)), schema };
  if (schema instanceof z.ZodObject)
    return {
      kind: "table",
      schema,
      fields: new Map(fieldsOf(schema).map(([name, field]) => [name, settingNode(field)])),
    };
  if (schema instanceof z.ZodRecord) {
    const entry = settingNode(asSchema(schema.valueType));
    const defaults = flatten(entryDefaults(schema));
    return { kind: "map", schema, name: asSchema(schema.keyType), entry, defaults };
  }
  return { kind: "leaf", schema };
}

/** The same schema with every field of every table left to choice: what a patch may hold. */
export function deepPartial(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional) return deepPartial(unwrapped(schema));
  if (schema instanceof z.ZodObject)
    return z.strictObject(
      Object.fromEntries(
        fieldsOf(schema).map(([name, field]) => [name, deepPartial(field).optional()]),
      ),
    );
  if (schema instanceof z.ZodRecord)
    return mapWith(schema, deepPartial(asSchema(schema.valueType)));
  return schema;
}

/** A place that was found, or why there is none. */
export type Place =
  | { readonly found: true; readonly node: SettingNode; readonly isEntry: boolean }
  | { readonly found: false; readonly reason: string };

/** Looks up a place; every good name of a map leads to one, whether there is such an entry or not. */
export function findPlace(root: SettingNode, segments: readonly string[]): Place {
  let node = root;
  let isEntry = false;
  for (const segment of segments) {
    const inner = step(node, segment);
    if (!inner.found) return inner;
    ({ node, isEntry } = inner);
  }
  return { found: true, node, isEntry };
}

function step(node: SettingNode, segment: string): Place {
  if (node.kind === "map") {
    const [issue] = node.name.safeParse(segment).error?.issues ?? [];
    if (issue !== undefined) return { found: false, reason: issue.message };
    return { found: true, node: node.entry, isEntry: true };
  }
  const field = node.kind === "table" ? node.fields.get(segment) : undefined;
  if (field === undefined) return { found: false, reason: "is not a known setting" };
  return { found: true, node: field, isEntry: false };
}

function fieldsOf({ shape }: z.ZodObject): [string, z.ZodType][] {
  return Object.entries(shape).map(([name, field]) => [name, asSchema(field)]);
}

function unwrapped(schema: z.ZodOptional): z.ZodType {
  return asSchema(schema.unwrap());
}

/** zod types what it hands out as its core schemas, which every one of ours extends. */
function asSchema(schema: unknown): z.ZodType {
  if (schema instanceof z.ZodType) return schema;
  throw new Error("A settings group uses a schema that is not of zod's main entry point");
}
