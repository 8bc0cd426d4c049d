import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RenderedTexts } from "./rendered-texts.ts";

describe("RenderedTexts", () => {
  it("answers what is rendered for this state and question, whatever was asked before", () => {
    const asked = fc.record({
      state: fc.constantFrom("a", "b", "c"),
      question: fc.constantFrom("", "x", "y", "long"),
    });
    fc.assert(
      fc.property(fc.array(asked), fc.integer({ min: 0, max: 40 }), (calls, maxLength) => {
        const texts = new RenderedTexts(maxLength);
        for (const { state, question } of calls) {
          const expected = `${state} ${question.repeat(5)}`;
          expect(texts.get(state, question, () => expected)).toBe(expected);
        }
      }),
    );
  });

  it("renders once for each state", () => {
    const texts = new RenderedTexts();
    let count = 0;
    const render = (): string => String((count += 1));
    expect(["s", "s", "t", "t", "s"].map((state) => texts.get(state, "q", render))).toEqual([
      "1",
      "1",
      "2",
      "2",
      "3",
    ]);
  });

  it("keeps nothing of a failure", () => {
    const texts = new RenderedTexts();
    expect(() =>
      texts.get("s", "q", () => {
        throw new Error("no");
      }),
    ).toThrow("no");
    expect(texts.get("s", "q", () => "yes")).toBe("yes");
  });

  it("forgets before it grows past its bound, and keeps nothing longer than that", () => {
    const texts = new RenderedTexts(10);
    let count = 0;
    const ask = (question: string, length: number): string =>
      texts.get("s", question, () => {
        count += 1;
        return "x".repeat(length);
      });
    ask("a", 4);
    ask("b", 4);
    expect(count).toBe(2);
    ask("a", 4);
    expect(count).toBe(2);
    ask("c", 4);
    ask("a", 4);
    expect(count).toBe(4);
    ask("d", 100);
    ask("d", 100);
    expect(count).toBe(6);
  });
});
