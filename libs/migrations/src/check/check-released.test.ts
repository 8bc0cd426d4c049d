import * as fc from "fast-check";
import * as z from "zod";
import { describe, expect, it } from "vitest";
import { isTable } from "@ballast/model";
import { settingsShape, type JsonSchema } from "@ballast/model/reference";
import { removeKey } from "../kinds/index.ts";
import { checkReleased } from "./check-released.ts";
import { narrowings, placeName } from "./compare-shapes.ts";
import { whyNarrower } from "./why-narrower.ts";

it("finds that today's settings take all that the last release took", () => {
  expect(() => checkReleased()).not.toThrow();
});

/** The shape of today with one part put in another one's place. */
function changed(path: readonly string[], part: unknown): JsonSchema {
  const copy: Record<string, unknown> = structuredClone(settingsShape());
  let table = copy;
  for (const name of path.slice(0, -1)) {
    const inner = table[name];
    if (!isTable(inner)) throw new Error(`"${name}" is no table`);
    table = inner;
  }
  const last = path.at(-1) ?? "";
  if (!Object.hasOwn(table, last)) throw new Error(`there is no "${last}"`);
  if (part === undefined) delete table[last];
  else table[last] = part;
  return copy;
}

const RELEASE = [{ version: "0.1.0", shape: settingsShape() }];
const NO_MOTD = changed(["properties", "motd"], undefined);

describe("checkReleased()", () => {
  it("names the key, the reason and what to do", () => {
    const check = () => checkReleased(NO_MOTD, RELEASE, []);
    expect(check).toThrow("0.1.0 took:\n  motd was removed");
    expect(check).toThrow(
      expect.objectContaining({ hint: expect.stringContaining("npm run new-migration") }),
    );
  });

  it.each([
    ["0.2.0", "motd", true],
    ["0.1.0", "motd", false],
    ["0.2.0", "network", false],
  ])("takes a migration to %s that owns %s for an answer: %s", (to, key, isAnswer) => {
    const migration = { to, name: "remove", describe: "Removes it.", ...removeKey(key) };
    const check = () => checkReleased(NO_MOTD, RELEASE, [migration]);
    expect(throws(check)).toBe(!isAnswer);
  });

  it.each<[string, readonly string[], unknown]>([
    [
      "boot.trial-limit has minimum 61, had 60",
      ["properties", "boot", "properties", "trial-limit", "minimum"],
      61,
    ],
    [
      "boot.trial-limit is string, was integer",
      ["properties", "boot", "properties", "trial-limit"],
      { type: "string" },
    ],
    [
      "boot.trial-limit is a table now, was a setting",
      ["properties", "boot", "properties", "trial-limit"],
      { type: "object", properties: {} },
    ],
    [
      "containers takes other names: has another pattern",
      ["properties", "containers", "propertyNames", "pattern"],
      "^[a-z]$",
    ],
    [
      "containers.*.image was removed",
      ["properties", "containers", "additionalProperties", "properties", "image"],
      undefined,
    ],
  ])("sees that %s", (words, path, part) => {
    const found = narrowings(settingsShape(), changed(path, part));
    expect(found.map(({ segments, reason }) => `${placeName(segments)} ${reason}`)).toEqual([
      words,
    ]);
  });

  it("lets keys be added and ranges be widened", () => {
    const wider = changed(["properties", "boot", "properties", "trial-limit", "minimum"], 1);
    expect(narrowings(settingsShape(), wider)).toEqual([]);
    expect(narrowings(NO_MOTD, settingsShape())).toEqual([]);
  });
});

it.each<[string | undefined, JsonSchema, JsonSchema]>([
  ['must have "b"', { type: "object", required: ["a"] }, { type: "object", required: ["a", "b"] }],
  [undefined, { type: "object", required: ["a", "b"] }, { type: "object", required: ["b"] }],
  ["in others: was removed", { type: "object" }, { type: "object", additionalProperties: false }],
  ["in the list: is string, was integer", list({ type: "integer" }), list({ type: "string" })],
  [undefined, list({ const: 1 }), list({ type: "integer" })],
  [
    'does not take ["b"] any more',
    { enum: ["a", "b"] },
    { type: "string", maxLength: 1, pattern: "a" },
  ],
  [
    undefined,
    { anyOf: [{ const: "a" }, { type: "integer" }] },
    { anyOf: [{ type: "string" }, { type: "number" }] },
  ],
  ["is string, was any", {}, { type: "string" }],
  [
    "has a rule that cannot be compared (format)",
    { type: "string" },
    { type: "string", format: "uri" },
  ],
])("says %s", (reason, before, after) => {
  expect(whyNarrower(before, after)).toBe(reason);
});

function list(items: JsonSchema): JsonSchema {
  return { type: "array", items };
}

function throws(check: () => void): boolean {
  try {
    check();
    return false;
  } catch {
    return true;
  }
}

const bound = fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined });
const leaf: fc.Arbitrary<JsonSchema> = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc
    .oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({ type: fc.constantFrom("integer", "number"), minimum: bound, maximum: bound }),
      fc.record({
        type: fc.constant("string"),
        minLength: bound,
        maxLength: bound,
        pattern: fc.constantFrom(undefined, "^a*$", "^[ab]*$"),
      }),
      fc.constantFrom<JsonSchema>(
        { type: "boolean" },
        {},
        { const: "a" },
        { enum: ["a", 1] },
        { enum: ["a", "ab"], type: "string" },
      ),
      fc.record({
        type: fc.constant("array"),
        items: tie("schema"),
        minItems: bound,
        maxItems: bound,
      }),
      fc.record({
        type: fc.constant("object"),
        properties: fc.dictionary(fc.constantFrom("p", "q"), tie("schema")),
        required: fc.constantFrom(undefined, ["p"], ["p", "q"]),
        additionalProperties: fc.oneof(fc.constant(false), fc.constant(undefined), tie("schema")),
      }),
      fc.record({ anyOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
      fc.record({ allOf: fc.array(tie("schema"), { minLength: 1, maxLength: 2 }) }),
    )
    .map((schema): JsonSchema => JSON.parse(JSON.stringify(schema))),
})).schema;
const RULES = [
  "type",
  "minimum",
  "maximum",
  "minLength",
  "maxLength",
  "pattern",
  "items",
  "minItems",
  "maxItems",
  "properties",
  "required",
  "additionalProperties",
  "enum",
  "const",
];

/** A schema and a later one, which mostly has a few other rules. */
const pair = fc
  .tuple(leaf, leaf, fc.subarray(RULES))
  .map(([before, other, rules]): [JsonSchema, JsonSchema] => {
    const after: Record<string, unknown> = { ...before };
    for (const rule of rules) {
      delete after[rule];
      if (other[rule] !== undefined) after[rule] = other[rule];
    }
    return [before, after];
  });
const EXAMPLES = [
  { p: "a" },
  { p: 1, q: "ab" },
  {},
  { r: 1 },
  { q: 0 },
  ["a"],
  [1, 2],
  [],
  "a",
  "",
  "ab",
  "aaaa",
  true,
  0.5,
  0,
  1,
  2,
  3,
];

it("never takes a schema for as wide that refuses what the earlier one took", () => {
  fc.assert(
    fc.property(pair, fc.array(fc.jsonValue({ maxDepth: 2 })), ([before, after], values) => {
      const [was, is] = [before, after].map(parserOf);
      // zod cannot read every combination, such as a minimum without a type.
      fc.pre(was !== undefined && is !== undefined && whyNarrower(before, after) === undefined);
      const lost = [...EXAMPLES, ...values].filter(
        (item) => was?.safeParse(item).success && !is?.safeParse(item).success,
      );
      expect(lost).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

function parserOf(schema: JsonSchema): z.ZodType | undefined {
  try {
    return z.fromJSONSchema(schema, { defaultTarget: "draft-7" });
  } catch {
    return undefined;
  }
}
