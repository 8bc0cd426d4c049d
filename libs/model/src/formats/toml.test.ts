import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";
import { tomlDocument, tomlValue, type TomlTable } from "./toml.ts";

describe("tomlDocument()", () => {
  it("writes plain values before tables, and a header for each table that needs one", () => {
    const document = { a: { b: { c: "x", d: { e: [] } } }, n: 1, "q.r": { empty: {} } };
    expect(tomlDocument(document)).toBe(
      'n = 1\n\n[a.b]\nc = "x"\n\n[a.b.d]\ne = []\n\n["q.r".empty]\n',
    );
    expect(tomlDocument({})).toBe("\n");
  });

  it("is read back by another parser as what was written", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 20 });
    const plain = fc.oneof(
      text,
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.array(text, { maxLength: 3 }),
    );
    const { table } = fc.letrec<{ table: TomlTable }>((tie) => ({
      table: fc.dictionary(
        fc.oneof(text, fc.constantFrom('a"]\nb = 1', "x.y", "", "\u007f")),
        fc.oneof({ depthSize: "small" }, plain, tie("table")),
        { maxKeys: 5, noNullPrototype: true },
      ),
    }));
    fc.assert(
      fc.property(table, (value) => {
        expect(parse(tomlDocument(value))).toEqual(value);
      }),
    );
  });

  it("keeps the order of tables, which means something to some readers", () => {
    const host = Object.fromEntries(["https://z", "https://a"].map((url) => [url, { n: 1 }]));
    expect(Object.keys(parse(tomlDocument({ host }))["host"] ?? {})).toEqual([
      "https://z",
      "https://a",
    ]);
  });

  it.each([0.5, Number.NaN, 2 ** 53, "\ud800", ["\udc00"]])("refuses %j", (value) => {
    expect(() => tomlDocument({ value })).toThrow("Cannot write");
  });
});

describe("tomlValue()", () => {
  it("is read back by another parser as what was written", () => {
    const scalar = fc.oneof(
      fc.string({ unit: "binary-ascii", maxLength: 20 }),
      fc.string({ unit: "grapheme", maxLength: 10 }),
      fc.boolean(),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie("value"), { maxLength: 3 }),
        fc.dictionary(fc.string({ maxLength: 10 }), tie("value"), { maxKeys: 3 }),
      ),
    }));
    fc.assert(
      fc.property(value, (given) => {
        expect(parse(`x = ${tomlValue(given)}`)["x"]).toEqual(given);
      }),
    );
  });

  it.each([null, undefined, Number.NaN, Infinity, "\ud800", [null], { a: undefined }])(
    "refuses %j",
    (value) => {
      expect(() => tomlValue(value)).toThrow("Cannot write");
    },
  );
});
