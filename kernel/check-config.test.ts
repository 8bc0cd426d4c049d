import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  describeMissing,
  missingOptions,
  parseConfig,
  parseFragment,
  repeatedOptions,
} from "./check-config.ts";

const folder = new URL("config/", import.meta.url);
const ours = readdirSync(folder).map((name) => ({
  name,
  text: readFileSync(new URL(name, folder), "utf8"),
}));

describe("parseConfig", () => {
  it("reads switches, numbers and strings", () => {
    const config = parseConfig(
      '#\n# Header\n#\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_C=32\nCONFIG_D="x \\"y\\""\nCONFIG_E=""\n',
    );
    expect([...config]).toEqual([
      ["A", "y"],
      ["B", "n"],
      ["C", "32"],
      ["D", 'x "y"'],
      ["E", ""],
    ]);
  });

  it("refuses a line that the kernel would ignore", () => {
    expect(() => parseConfig("CONFIG_A=y\nCONFIG_B y\n")).toThrow(
      /line 2: "CONFIG_B y" is neither/,
    );
  });
});

describe("missingOptions", () => {
  const fragments = [
    { name: "one.config", text: "# why\nCONFIG_KEPT=y\nCONFIG_DROPPED=y\n" },
    { name: "two.config", text: 'CONFIG_LIST="a,b"\n# CONFIG_OFF is not set\n' },
  ];

  it("accepts a configuration that has everything, unnamed being off", () => {
    const final = parseConfig(
      'CONFIG_KEPT=y\nCONFIG_DROPPED=y\nCONFIG_LIST="a,b"\nCONFIG_MORE=y\n',
    );
    expect(missingOptions(fragments, final)).toEqual([]);
  });

  it("names request, result and place of each option that did not survive", () => {
    const final = parseConfig('CONFIG_KEPT=y\nCONFIG_LIST="a"\nCONFIG_OFF=y\n');
    const missing = missingOptions(fragments, final);
    expect(missing).toEqual([
      { option: "DROPPED", value: "y", actual: "n", file: "one.config", line: 3 },
      { option: "LIST", value: "a,b", actual: "a", file: "two.config", line: 1 },
      { option: "OFF", value: "n", actual: "y", file: "two.config", line: 2 },
    ]);
    expect(missing.map(describeMissing)[0]).toBe(
      'kernel option CONFIG_DROPPED did not become "y" (one.config:3): it is "n" in the final configuration',
    );
  });
});

describe("the fragments", () => {
  it("ask for no option twice", () => {
    expect(repeatedOptions(ours)).toEqual([]);
    expect(repeatedOptions([...ours, ...ours])).not.toEqual([]);
  });

  it("build nothing as a module", () => {
    expect(ours.flatMap(parseFragment).filter(({ value }) => value === "m")).toEqual([]);
  });

  it.each(ours)("$name gives a reason before each group and sorts it", ({ text }) => {
    const groups = text
      .trim()
      .split("\n\n")
      .map((group) => group.split("\n"));
    const options = groups.map((lines) => lines.filter((line) => !line.startsWith("#")));
    expect(groups.filter((lines) => !lines[0]?.startsWith("# "))).toEqual([]);
    expect(options).toEqual(options.map((lines) => lines.toSorted(byName)));
  });
});

function byName(left: string, right: string): number {
  const [a, b] = [left, right].map((line) => line.slice(0, line.indexOf("=")));
  return a === undefined || b === undefined || a === b ? 0 : a < b ? -1 : 1;
}
