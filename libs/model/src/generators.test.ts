import { expect, it } from "vitest";
import { GENERATORS } from "./generators.ts";
import { MODEL } from "./schema.ts";
import { GENERATOR_NAMES } from "./settings-group.ts";
import { isSecretKey, isSettable } from "./settings-model.ts";

it("each generator stands at one setting that can be set, and is no secret", () => {
  expect(GENERATORS.map(({ name }) => name).toSorted()).toEqual(GENERATOR_NAMES.toSorted());
  for (const { key } of GENERATORS)
    expect([key, isSettable(MODEL, key), isSecretKey(MODEL, key)]).toEqual([key, true, false]);
});
