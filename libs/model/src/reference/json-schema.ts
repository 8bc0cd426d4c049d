import * as z from "zod";
import { joinKey } from "../keys.ts";
import { MODEL } from "../schema.ts";
import type { SettingNode } from "../setting-node.ts";
import { isSecretKey, type SettingsModel } from "../settings-model.ts";
import { ANY_NAME, explainPlace, type KnownPlace } from "./explain-place.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * JSON Schema of user data, a document with the table `settings`. Draft 7, because that is what the language servers for
 * TOML read. It holds what such a schema can hold: rules that only the machine can check are in the descriptions.
 */
export function userDataJsonSchema(model: SettingsModel = MODEL): JsonSchema {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "User data of Ballast",
    description: "The first settings of a machine, as a TOML document.",
    type: "object",
    properties: { settings: placeSchema({ segments: [], node: model.root, maps: [] }, model) },
    additionalProperties: false,
  };
}

/**
 * JSON Schema (draft 7) of the settings without words about them: what a version takes, to be kept and compared with what
 * later ones take. Secrets are `writeOnly`; a pattern that not every engine reads stands in `x-pattern`.
 */
export function settingsShape(model: SettingsModel = MODEL): JsonSchema {
  return nodeShape(model.root, [], model);
}

function nodeShape(
  node: SettingNode,
  segments: readonly string[],
  model: SettingsModel,
): JsonSchema {
  if (node.kind === "leaf") {
    const isSecret = isSecretKey(model, joinKey(segments));
    return { ...bareSchema(node.schema), ...(isSecret ? { writeOnly: true } : {}) };
  }
  if (node.kind === "map")
    return {
      type: "object",
      propertyNames: bareSchema(node.name),
      additionalProperties: nodeShape(node.entry, [...segments, ANY_NAME], model),
    };
  const fields = [...node.fields].map(([name, field]) => [
    name,
    nodeShape(field, [...segments, name], model),
  ]);
  return {
    type: "object",
    properties: Object.fromEntries(fields),
    additionalProperties: false,
  };
}

function placeSchema(place: KnownPlace, model: SettingsModel): JsonSchema {
  const { segments, node, maps } = place;
  const { description, type, ...facts } = explainPlace(place, model);
  if (node.kind === "leaf")
    return {
      ...leafSchema(node.schema),
      description: [description, `Type: ${type}.`, ...(facts.secret ? ["Secret."] : [])]
        .filter((part) => part !== null)
        .join("\n\n"),
      ...(facts.default === null ? {} : { default: facts.default }),
      ...(facts.example === null || isLong(facts.example) ? {} : { examples: [facts.example] }),
    };
  const about = description === null ? {} : { description };
  if (node.kind === "map") {
    const entry = {
      segments: [...segments, ANY_NAME],
      node: node.entry,
      maps: [...maps, { depth: segments.length, node }],
    };
    return {
      ...about,
      type: "object",
      propertyNames: leafSchema(node.name),
      additionalProperties: placeSchema(entry, model),
    };
  }
  const fields = [...node.fields].map(([name, field]) => [
    name,
    placeSchema({ segments: [...segments, name], node: field, maps }, model),
  ]);
  return {
    ...about,
    type: "object",
    properties: Object.fromEntries(fields),
    additionalProperties: false,
  };
}

function leafSchema(schema: z.ZodType): JsonSchema {
  return draft7(schema, (jsonSchema) => {
    delete jsonSchema["example"];
    keepPortable(jsonSchema);
  });
}

const WORDS = ["description", "example", "examples", "default", "title"];

function bareSchema(schema: z.ZodType): JsonSchema {
  return draft7(schema, (jsonSchema) => {
    for (const word of WORDS) delete jsonSchema[word];
    // Several patterns of one text come as parts of it.
    for (const part of [jsonSchema, ...(jsonSchema.allOf ?? [])]) markUnportable(part);
  });
}

function markUnportable(schema: z.core.JSONSchema.BaseSchema): void {
  const { pattern } = schema;
  if (pattern === undefined || isPortable(pattern)) return;
  delete schema.pattern;
  schema["x-pattern"] = pattern;
}

function draft7(
  schema: z.ZodType,
  change: (jsonSchema: z.core.JSONSchema.BaseSchema) => void,
): JsonSchema {
  const { $schema: _, ...own } = z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      change(jsonSchema);
    },
  });
  return own;
}

/**
 * Takes away patterns that not every engine of regular expressions reads, with Unicode properties or a look around: one
 * such pattern makes some validators refuse the whole schema. The rule stays in the description, and with the machine.
 */
function keepPortable(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.pattern !== undefined && !isPortable(schema.pattern)) delete schema.pattern;
  if (schema.allOf === undefined) return;
  schema.allOf = schema.allOf.filter(({ pattern = "" }) => isPortable(pattern));
  if (schema.allOf.length === 0) delete schema.allOf;
}

function isPortable(pattern: string): boolean {
  return !/\\p\{|\(\?(?:<?[=!])/i.test(pattern);
}

/** Editors offer examples as values to take; nobody wants a text of many lines for that. */
function isLong(example: unknown): boolean {
  return typeof example === "string" && example.includes("\n");
}
