import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { editDistance, nearTexts } from "./near-text.ts";

describe("editDistance()", () => {
  it.each([
    ["", "", 0],
    ["apply", "aply", 1],
    ["apply", "appyl", 1],
    ["motd", "mood", 1],
    ["a", "abc", 2],
    ["kitten", "sitting", 3],
  ])("%s to %s", (one, two, edits) => {
    expect(editDistance(one, two, 9)).toBe(edits);
    expect(editDistance(two, one, 9)).toBe(edits);
  });

  it("is zero for equal texts alone, the same both ways, and bounded", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
    fc.assert(
      fc.property(word, word, fc.nat(4), (one, two, max) => {
        const edits = editDistance(one, two, 20);
        expect(edits === 0).toBe(one === two);
        expect(edits).toBe(editDistance(two, one, 20));
        expect(Math.min(editDistance(one, two, max), max + 1)).toBe(Math.min(edits, max + 1));
      }),
    );
  });
});

it("nearTexts() gives the nearest first, and nothing that is far", () => {
  expect(nearTexts("aply", ["apply", "edit", "ap", "reply"])).toEqual(["apply"]);
  expect(nearTexts("zzzzzzzz", ["apply", "edit"])).toEqual([]);
});
