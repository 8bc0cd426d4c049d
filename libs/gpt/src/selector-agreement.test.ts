import { describe, expect, it } from "vitest";
import { compareWithSelector } from "./selector-agreement.ts";
import { buildSelectorOracle } from "./selector-oracle.ts";

describe("the selector's own code", () => {
  // The full count: `npm run fuzz:selector`.
  it(
    "answers like this library on 20,000 sets of slots and 1,000 disks",
    { timeout: 60_000 },
    () => {
      using oracle = buildSelectorOracle();
      const { disagreements, disks, loaded, taken } = compareWithSelector(
        oracle,
        20_000,
        20_261_124,
      );
      expect(disagreements).toEqual([]);
      expect(disks).toBe(1000);
      expect(loaded).toBeGreaterThan(700);
      expect(taken).toBeGreaterThan(400);
    },
  );
});
