import * as z from "zod";
import { checksOf, messageOf, ruleWords } from "./rule-words.ts";

/** The type of a value in words, with its bounds: `text; at most 4096 bytes; without control characters`. */
export function typeWords(schema: z.core.$ZodType): string {
  const { name, plural } = nameOf(schema);
  return [name, ...rulesOf(schema, plural)].join("; ");
}

/** Only the rules, for what is clearly a text: the name of an entry. */
export function nameWords(schema: z.core.$ZodType): string {
  return rulesOf(schema, "characters").join("; ");
}

function rulesOf(schema: z.core.$ZodType, plural: string): string[] {
  const rules = checksOf(schema).map((check) => ruleWords(check, plural));
  return [...new Set(rules.filter((words) => words !== undefined))];
}

interface TypeName {
  readonly name: string;
  /** What its length counts. */
  readonly plural: string;
}

function nameOf(schema: z.core.$ZodType): TypeName {
  if (schema instanceof z.ZodArray)
    return { name: `list of: ${inList(schema.element)}`, plural: "entries" };
  return { name: singleName(schema), plural: "characters" };
}

function singleName(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodString || schema instanceof z.ZodStringFormat)
    return ownName(schema, "text");
  if (schema instanceof z.ZodBoolean) return "true or false";
  if (schema instanceof z.ZodNumber)
    return ownName(schema, schema.isInt ? "whole number" : "number");
  if (schema instanceof z.ZodEnum) return `one of ${schema.options.map(quoted).join(", ")}`;
  if (schema instanceof z.ZodLiteral) return [...schema.values].map(quoted).join(" or ");
  if (schema instanceof z.ZodUnion) return schema.options.map(typeWords).join(", or ");
  if (schema instanceof z.ZodObject) return tableName(schema);
  if (schema instanceof z.ZodRecord)
    return `table of: ${typeWords(schema.valueType)}; names: ${nameWords(schema.keyType)}`;
  const inner = innerOf(schema);
  if (inner !== undefined) return typeWords(inner);
  return ownName(schema, "value");
}

function innerOf(schema: z.core.$ZodType): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodPipe) return schema.in;
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodReadonly
  )
    return schema.unwrap();
  return undefined;
}

/** The message for a value of another type often tells more than our name of the type. */
function ownName(schema: z.core.$ZodType, otherwise: string): string {
  return messageOf(schema) ?? otherwise;
}

/** A list's entry whose words have parts of their own is put in brackets, so that they are not taken for the list's. */
function inList(element: z.core.$ZodType): string {
  const words = typeWords(element);
  return words.includes(";") ? `(${words})` : words;
}

function tableName(schema: z.ZodObject): string {
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const optional = field instanceof z.ZodOptional ? ", optional" : "";
    return `\`${name}\` (${typeWords(field)}${optional})`;
  });
  return `table of ${fields.join(", ")}`;
}

function quoted(value: unknown): string {
  return `\`${String(value)}\``;
}
