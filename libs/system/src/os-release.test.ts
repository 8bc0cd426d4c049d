import { expect, it } from "vitest";
import { parseOsRelease } from "./os-release.ts";

it("takes bare and quoted values and passes over the rest", () => {
  const text = `# c\nA=bare\nB="two \\"words\\" \\$x"\nC='single \\n'\nD=\nnot an assignment\n E=x\nF="open\n`;
  expect([...parseOsRelease(text)]).toEqual([
    ["A", "bare"],
    ["B", 'two "words" $x'],
    ["C", "single \\n"],
    ["D", ""],
  ]);
});
