import { describe, expect, it } from "vitest";
import { chronySources } from "./chrony-sources.ts";

describe("chronySources()", () => {
  it("writes words with one blank between, a line each", () => {
    const lines = [
      ["server", "2001:db8::1", "iburst"],
      ["pool", "time.example.org", "offset", "-0.5"],
    ];
    expect(chronySources(lines)).toBe(
      "server 2001:db8::1 iburst\npool time.example.org offset -0.5\n",
    );
    expect(chronySources([])).toBe("");
  });

  it.each(["", "a b", "a\nb", "#a", "a!", "%", "ä", "\u0000"])("refuses the word %j", (word) => {
    expect(() => chronySources([["server", word]])).toThrow("Cannot write");
  });

  it("refuses a line that chrony would not read to its end", () => {
    expect(() => chronySources([["server", "a".repeat(2041)]])).toThrow("2048 bytes");
    expect(() => chronySources([["server", "a".repeat(2040)]])).not.toThrow();
    expect(() => chronySources([[]])).toThrow("0 bytes");
  });
});
