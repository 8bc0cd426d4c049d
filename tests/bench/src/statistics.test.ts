import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { median, quantile, summarize } from "./statistics.ts";

const measurements = fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 });

describe("quantile()", () => {
  it("interpolates between neighbours", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.99)).toBeCloseTo(49.6);
    expect(quantile([7], 0.99)).toBe(7);
  });

  it("refuses what has no answer", () => {
    expect(() => quantile([], 0.5)).toThrow("No quantile 0.5 of 0 values");
    expect(() => quantile([1], 1.5)).toThrow(RangeError);
    expect(() => quantile([1], Number.NaN)).toThrow(RangeError);
  });

  it("lies within the values and grows with the share", () => {
    fc.assert(
      fc.property(measurements, fc.double({ min: 0, max: 1, noNaN: true }), (values, share) => {
        const found = quantile(values, share);
        expect(found).toBeGreaterThanOrEqual(Math.min(...values));
        expect(found).toBeLessThanOrEqual(quantile(values, 1));
      }),
    );
  });
});

describe("summarize()", () => {
  it("does not depend on the order and leaves the values alone", () => {
    fc.assert(
      fc.property(measurements, (values) => {
        const before = [...values];
        expect(summarize(values)).toEqual(summarize(values.toReversed()));
        expect(values).toEqual(before);
      }),
    );
  });

  it("is not moved by one outlier", () => {
    expect(summarize([10, 11, 12, 13, 9000])).toEqual({
      count: 5,
      median: 12,
      min: 10,
      max: 9000,
      quartileRange: 2,
    });
    expect(median([3, 1, 2])).toBe(2);
  });
});
