import * as fc from "fast-check";
import { parse } from "smol-toml";
import { expect, it } from "vitest";
import { tomlDocument } from "./toml-document.ts";

const text = fc.oneof(
  fc.string({ unit: "binary" }).filter((value) => value.isWellFormed()),
  // What can go wrong between triple quotes.
  fc
    .array(fc.constantFrom('"', "\\", "\n", "\r", " ", "'", "a", "\t"), { maxLength: 12 })
    .map((parts) => parts.join("")),
);

it("writes any table so that a parser reads it back", () => {
  const { table } = fc.letrec<{ table: Record<string, unknown>; value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.boolean(),
      fc.integer(),
      fc.array(fc.oneof(text, fc.record({ a: text })), { maxLength: 3 }),
      tie("table"),
    ),
    table: fc.dictionary(fc.oneof(text, fc.stringMatching(/^[a-z-]{1,5}$/)), tie("value"), {
      maxKeys: 4,
    }),
  }));
  fc.assert(
    fc.property(table, (given) => {
      expect(parse(tomlDocument(given))).toEqual(given);
    }),
    { numRuns: 500 },
  );
});
