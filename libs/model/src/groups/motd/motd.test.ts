import { describe, expect, it } from "vitest";
import { motd } from "./motd.ts";

describe("motd", () => {
  it("takes lines of text up to 4096 bytes of UTF-8", () => {
    expect(motd.schema.safeParse("ä\nb").success).toBe(true);
    expect(motd.schema.safeParse("ä".repeat(2048)).success).toBe(true);
    expect(motd.schema.safeParse(`${"ä".repeat(2048)}a`).success).toBe(false);
  });

  it.each(["\u001b[2J", "a\rb", "a\tb", "\u0000", "\u009b", "\ud800"])("refuses %j", (text) => {
    expect(motd.schema.safeParse(text).success).toBe(false);
  });

  it("renders the text as one file that ends with a newline", () => {
    expect(motd.services[0]?.files[0]?.render("a\nb")).toBe("a\nb\n");
  });
});
