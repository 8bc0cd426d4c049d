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
  const segments = splitKey(key) ?? [];
  const entries: string[] = [];
  let place: unknown = shape;
  for (const [index, segment] of segments.entries()) {
    if (!isTable(place)) break;
    const { properties, additionalProperties } = place;
    if (isTable(properties))
      place = Object.hasOwn(properties, segment) ? properties[segment] : undefined;
    else {
      place = additionalProperties;
      if (isTable(place)) entries.push(joinKey(segments.slice(0, index + 1)));
    }
  }
  return entries;
}
