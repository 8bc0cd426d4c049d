import { describe, expect, it } from "vitest";
import { columns, inSeconds, shorten, wrap } from "./text-layout.ts";

describe("text for people", () => {
  it("is wrapped between words", () => {
    expect(wrap("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrap("a-very-long-word x", 5)).toEqual(["a-very-long-word", "x"]);
  });

  it("stands in columns, with nothing behind the last", () => {
    expect(
      columns([
        ["a", "bb", "c"],
        ["aaa", "", ""],
      ]),
    ).toEqual(["a    bb  c", "aaa"]);
  });

  it("is cut where the line ends", () => {
    expect([shorten("abc", 3), shorten("abcd", 3), shorten("abc", 0)]).toEqual(["abc", "ab…", "…"]);
  });

  it("has times in seconds", () => {
    expect(inSeconds("2026-01-01T00:00:00.123456789Z")).toBe("2026-01-01T00:00:00Z");
    expect(inSeconds("2026-01-01T00:00:00Z")).toBe("2026-01-01T00:00:00Z");
  });
});
