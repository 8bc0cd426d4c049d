import { expect, it } from "vitest";
import { planPrune, type SizedDatabase } from "./prune.ts";

const MIB = 1024 * 1024;

function sized(...versions: readonly string[]): SizedDatabase[] {
  return versions.map((version) => ({ version, bytes: MIB }));
}

it("keeps the five newest, and those of both slots among them whatever their age", () => {
  const seven = sized("1.9.0", "1.10.0", "2.0.0", "3.0.0", "4.0.0", "5.0.0", "6.0.0");
  expect(planPrune(seven, ["6.0.0"])).toEqual(["1.10.0", "1.9.0"]);
  expect(planPrune(seven, ["2.0.0", "1.9.0"])).toEqual(["3.0.0", "1.10.0"]);
  expect(planPrune(sized("1.0.0", "2.0.0"), ["2.0.0", undefined])).toEqual([]);
});

it("keeps no more than fits, from the newest, but those of both slots", () => {
  const large = sized("1.0.0", "2.0.0", "3.0.0", "4.0.0").map((database) => ({
    ...database,
    bytes: 15 * MIB,
  }));
  expect(planPrune(large, ["4.0.0"])).toEqual(["2.0.0", "1.0.0"]);
  expect(planPrune(large, ["4.0.0", "1.0.0"])).toEqual(["3.0.0", "2.0.0"]);
});
