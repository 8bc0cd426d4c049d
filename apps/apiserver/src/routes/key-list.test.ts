import { expect, it } from "vitest";
import { splitKeyList } from "./key-list.ts";

it.each([
  ["a", ["a"]],
  ["", [""]],
  ["a, b.c", ["a", "b.c"]],
  ["a,,b,", ["a", "", "b", ""]],
  ['k."x,y".z,b', ['k."x,y".z', "b"]],
  ['k."x\\",y",b', ['k."x\\",y"', "b"]],
  ['k."x,y', ['k."x,y']],
])("%s is %j", (list, keys) => {
  expect(splitKeyList(list)).toEqual(keys);
});
