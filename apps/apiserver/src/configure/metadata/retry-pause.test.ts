import * as fc from "fast-check";
import { expect, it } from "vitest";
import { retryPauseMs } from "./retry-pause.ts";

it("retryPauseMs() grows to 5 s and is never below half", () => {
  expect([0, 1, 2, 3].map((attempt) => retryPauseMs(attempt, 1))).toEqual([200, 400, 800, 1600]);
  fc.assert(
    fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, chance) => {
      const pauseMs = retryPauseMs(attempt, chance);
      expect(pauseMs).toBeGreaterThanOrEqual(100);
      expect(pauseMs).toBeLessThanOrEqual(5000);
    }),
  );
});
