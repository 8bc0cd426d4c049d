import { describe, expect, it } from "vitest";
import * as z from "zod";
import { MODEL } from "../schema.ts";
import { explainPlace } from "./explain-place.ts";
import { userDataJsonSchema } from "./json-schema.ts";
import { listPlaces } from "./list-places.ts";

const PLACES = MODEL.groups
  .flatMap(([path]) => listPlaces(MODEL, path))
  .map((place) => ({ ...place, facts: explainPlace(place, MODEL) }));
const SETTINGS = PLACES.filter(({ facts }) => facts.kind === "setting").map(
  (place) => [place.facts.key, place] as const,
);
const WITH_EXAMPLE = PLACES.filter(({ facts }) => facts.example !== null).map(
  (place) => [place.facts.key, place] as const,
);
const WITH_DEFAULT = SETTINGS.filter(([, { facts }]) => facts.default !== null);

it("finds every default in the reference", () => {
  const maps = PLACES.filter(({ facts }) => facts.kind === "map").map(({ facts }) => facts.key);
  const shown = new Set(WITH_DEFAULT.map(([key]) => key));
  const missing = [...MODEL.defaults.keys()].filter(
    (key) => !shown.has(key) && !maps.some((map) => key.startsWith(`${map}.`)),
  );
  expect(missing).toEqual([]);
});

/** The part of the JSON Schema that stands for this place. */
function jsonSchemaAt(segments: readonly string[]): z.core.JSONSchema.BaseSchema {
  return segments.reduce<z.core.JSONSchema.BaseSchema>(
    (schema, name) => Object(schema.properties?.[name] ?? schema.additionalProperties),
    Object(userDataJsonSchema()["properties"])["settings"],
  );
}

describe("meta of every setting: give it as .meta({ description, example })", () => {
  it.each(SETTINGS)("%s has a description of one sentence", (_, { facts }) => {
    expect(facts.description).toMatch(/^[A-Z`].*[.]$/);
  });

  // An example of a secret would be copied into a machine; it may have one, but need not.
  it.each(SETTINGS.filter(([, { facts }]) => !facts.secret))(
    "%s has an example",
    (_, { facts }) => {
      expect(facts.example).not.toBeNull();
    },
  );

  it.each(WITH_EXAMPLE)("%s takes its own example", (_, { node, facts }) => {
    expect(node.schema.safeParse(facts.example).error?.issues).toBeUndefined();
  });

  it.each(WITH_DEFAULT)("%s takes its own default", (_, { node, facts }) => {
    expect(node.schema.safeParse(facts.default).error?.issues).toBeUndefined();
  });

  // The machine judges what its schema lets through; what its schema refuses an editor would mark for no reason.
  it.each(WITH_EXAMPLE)("%s has an example that editors take", (_, { segments, facts }) => {
    const schema = z.fromJSONSchema(jsonSchemaAt(segments));
    expect(schema.safeParse(facts.example).error?.issues).toBeUndefined();
  });
});
