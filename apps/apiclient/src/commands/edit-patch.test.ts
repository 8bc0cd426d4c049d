import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editPatch } from "./edit-patch.ts";

describe("editPatch()", () => {
  it.each([
    [{ a: 1 }, { a: 1 }, undefined],
    [{ a: 1 }, { a: 2 }, { a: 2 }],
    [{ a: 1, b: { c: 1, d: [1] } }, { a: 1, b: { d: [1] } }, { b: { c: null } }],
    [{ a: { b: 1, c: { d: 2 } } }, {}, { a: { b: null, c: { d: null } } }],
    [{}, { a: { b: 1 } }, { a: { b: 1 } }],
    [{}, { a: {} }, { a: {} }],
    [{ a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    [{ a: { b: 1 } }, { a: 1 }, { a: 1 }],
    [{ a: 1 }, { a: { b: 1 } }, { a: { b: 1 } }],
  ])("%j to %j is %j", (before, after, patch) => {
    expect(editPatch(before, after)).toEqual(patch);
  });

  it("makes the one out of the other, table by table", () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.string()));
    const name = fc.constantFrom("a", "b", "c", "toString");
    const tree = fc.letrec((tie) => ({
      node: fc.oneof(leaf, fc.dictionary(name, tie("node"), { minKeys: 1, maxKeys: 3 })),
    })).node;
    const root = fc.dictionary(name, tree, { maxKeys: 3 });
    fc.assert(
      fc.property(root, root, (before, after) => {
        const patch = editPatch(before, after);
        expect(applied(before, patch ?? {})).toEqual(pruned(after));
        expect(patch === undefined).toBe(
          JSON.stringify(sorted(before)) === JSON.stringify(sorted(after)),
        );
      }),
    );
  });
});

type Table = Record<string, unknown>;

function isTable(value: unknown): value is Table {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** As the server does: null takes a value away, and a table that holds nothing is none. */
function applied(before: unknown, patch: unknown): unknown {
  if (!isTable(patch)) return patch;
  const table = new Map(Object.entries(isTable(before) ? before : {}));
  for (const [name, value] of Object.entries(patch))
    if (value === null) table.delete(name);
    else table.set(name, applied(table.get(name), value));
  return pruned(Object.fromEntries(table));
}

function pruned(value: unknown): unknown {
  if (!isTable(value)) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, pruned(inner)] as const);
  return Object.fromEntries(
    entries.filter(([, inner]) => !isTable(inner) || Object.keys(inner).length > 0),
  );
}

function sorted(value: unknown): unknown {
  if (!isTable(value)) return value;
  const entries = Object.entries(value).toSorted(([one], [two]) => (one < two ? -1 : 1));
  return entries.map(([name, inner]) => [name, sorted(inner)]);
}
