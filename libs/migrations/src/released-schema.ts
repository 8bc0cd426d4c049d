import * as z from "zod";
import { isTable, joinKey, splitKey, unflatten, type FlatSettings } from "@ballast/model";
import type { JsonSchema } from "@ballast/model/reference";
import type { SettingsSchema } from "./settings-schema.ts";
import { keyAround, keysBelow } from "./values-below.ts";

/** What a released version takes, as far as its shape tells: rules between settings are known to its own program only. */
export function releasedSchema(shape: JsonSchema): SettingsSchema {
  let schema: z.ZodType | undefined;
  return {
    refused: (values) => {
      schema ??= z.fromJSONSchema(shape, { defaultTarget: "draft-7" });
      return refusedBy(schema, values);
    },
    entriesOf: (key) => entriesIn(shape, key),
    isSecret: (key) =>
      stepsIn(shape, key).some(({ at, part }) => at === key && part["writeOnly"] === true),
  };
}

function refusedBy(schema: z.ZodType, values: FlatSettings): ReadonlyMap<string, string> {
  const issues = schema.safeParse(unflatten(values)).error?.issues ?? [];
  return new Map(issues.flatMap((issue) => keysOf(issue, values)));
}

function keysOf(issue: z.core.$ZodIssue, values: FlatSettings): [string, string][] {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys")
    return issue.keys
      .flatMap((name) => keysAt(values, joinKey([...path, name])))
      .map((key) => [key, "is not a setting of that version"]);
  return keysAt(values, joinKey(path)).map((key) => [key, "is no value that this version takes"]);
}

function keysAt(values: FlatSettings, place: string): string[] {
  return [...keyAround(values, place), ...keysBelow(values, place)];
}

function entriesIn(shape: JsonSchema, key: string): string[] {
  return stepsIn(shape, key).flatMap(({ at, isEntry }) => (isEntry ? [at] : []));
}

interface Step {
  readonly at: string;
  readonly part: Record<string, unknown>;
  readonly isEntry: boolean;
}

/** The places from the root to a key, as far as they are known. */
function stepsIn(shape: JsonSchema, key: string): Step[] {
  const segments = splitKey(key) ?? [];
  const steps: Step[] = [];
  let place: JsonSchema = shape;
  for (const [index, segment] of segments.entries()) {
    const { properties, additionalProperties: entry } = place;
    const isMap = !isTable(properties);
    const part = isMap ? entry : own(properties, segment);
    if (!isTable(part)) break;
    steps.push({ at: joinKey(segments.slice(0, index + 1)), part, isEntry: isMap });
    place = part;
  }
  return steps;
}

function own(table: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
