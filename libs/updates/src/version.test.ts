import { describe, expect, it } from "vitest";
import { compareVersions, isVersion } from "./version.ts";

describe("isVersion()", () => {
  it.each(["0.0.0", "1.2.3", "1.2.3-rc.1", "1.2.3+build.5", "1.2.3-a.b+c"])("takes %s", (text) => {
    expect(isVersion(text)).toBe(true);
  });
  it.each([
    "",
    "1",
    "1.2",
    "v1.2.3",
    " 1.2.3",
    "1.2.3 ",
    "01.2.3",
    "1.2.3\n",
    "1.2.x",
    `1.2.3-${"a".repeat(200)}`,
  ])("refuses %j", (text) => {
    expect(isVersion(text)).toBe(false);
  });
});

describe("compareVersions()", () => {
  it("orders as semantic versioning does, clause 11", () => {
    const rising = [
      "1.0.0-alpha",
      "1.0.0-alpha.1",
      "1.0.0-alpha.beta",
      "1.0.0-beta",
      "1.0.0-beta.2",
      "1.0.0-beta.11",
      "1.0.0-rc.1",
      "1.0.0",
      "1.0.0+2",
      "1.2.0",
      "1.10.0",
      "2.0.0",
    ];
    expect(rising.toReversed().toSorted(compareVersions)).toEqual(rising);
  });
  it("does not guess", () => {
    expect(() => compareVersions("1.0.0", "newest")).toThrow(/"newest" is no semantic version/);
  });
});
