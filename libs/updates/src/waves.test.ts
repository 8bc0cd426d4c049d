import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parsePolicy, WAVE_POLICIES, wavesOf, type WavePolicy } from "./policy.ts";
import { SEED_COUNT } from "./seed.ts";
import { readyAtMs, readyShare } from "./waves.ts";

const PUBLISHED_MS = Date.parse("2026-03-01T00:00:00Z");
const HOUR_MS = 3_600_000;

const policies: readonly (readonly [string, WavePolicy])[] = Object.entries(WAVE_POLICIES).filter(
  ([, { waves }]) => waves.length > 0,
);

/** Seeds that stand for all machines, one for each equal part. */
function seeds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => Math.floor((index / count) * SEED_COUNT));
}

describe("readyAtMs()", () => {
  it("is at once without waves", () => {
    expect(readyAtMs([], 7)).toBe(-Infinity);
    expect(readyShare([], PUBLISHED_MS)).toBe(1);
  });

  it("gives a machine of a later wave a time within that wave", () => {
    const waves = wavesOf(WAVE_POLICIES.default, PUBLISHED_MS);
    // Half way between the 60th and the 90th machine of a hundred: half way between 120 and 144 hours.
    const seed = Math.round(0.75 * SEED_COUNT);
    expect((readyAtMs(waves, seed) - PUBLISHED_MS) / HOUR_MS).toBeCloseTo(132, 6);
  });

  it.each(policies)("spreads machines evenly within each wave: %s", (_name, policy) => {
    const waves = wavesOf(policy, PUBLISHED_MS);
    const ready = seeds(10_000).map((seed) => readyAtMs(waves, seed));
    for (const [
      index,
      { percent, from_hours: from, until_hours: until },
    ] of policy.waves.entries()) {
      const before = policy.waves[index - 1]?.percent ?? 0;
      const wanted = ((percent - before) / 100) * 10_000;
      // In each quarter of the wave's time a quarter of its machines; one more or less by rounding.
      for (const quarter of [0, 1, 2, 3]) {
        const lengthMs = ((until - from) * HOUR_MS) / 4;
        const startMs = PUBLISHED_MS + from * HOUR_MS + quarter * lengthMs;
        const count = ready.filter((ms) => ms >= startMs && ms < startMs + lengthMs).length;
        expect(Math.abs(count - wanted / 4)).toBeLessThanOrEqual(1);
      }
    }
  });

  it.each(policies)("agrees with the share that is foretold: %s", (_name, policy) => {
    const waves = wavesOf(policy, PUBLISHED_MS);
    const ready = seeds(5000).map((seed) => readyAtMs(waves, seed));
    fc.assert(
      fc.property(fc.integer({ min: -10, max: 24 * 15 }), (hour) => {
        const nowMs = PUBLISHED_MS + hour * HOUR_MS;
        const counted = ready.filter((ms) => ms <= nowMs).length / ready.length;
        expect(Math.abs(counted - readyShare(waves, nowMs))).toBeLessThan(0.001);
      }),
    );
  });

  it("lets nobody wait for ever, and nobody with a higher seed go first", () => {
    const waves = wavesOf(WAVE_POLICIES["slow-roll"], PUBLISHED_MS);
    fc.assert(
      fc.property(
        fc.tuple(
          fc.integer({ min: 0, max: SEED_COUNT - 1 }),
          fc.integer({ min: 0, max: SEED_COUNT - 1 }),
        ),
        ([a, b]) => {
          expect(readyAtMs(waves, Math.min(a, b))).toBeLessThanOrEqual(
            readyAtMs(waves, Math.max(a, b)),
          );
          expect(readyShare(waves, readyAtMs(waves, a) + HOUR_MS)).toBeGreaterThan(a / SEED_COUNT);
        },
      ),
    );
  });
});

describe("parsePolicy()", () => {
  it("takes its own policies", () => {
    for (const policy of Object.values(WAVE_POLICIES)) expect(parsePolicy(policy)).toEqual(policy);
  });

  const wave = (percent: number, from: number, until: number) => ({
    percent,
    from_hours: from,
    until_hours: until,
  });
  it.each([
    [{}, /waves/],
    [{ waves: [wave(50, 0, 1)] }, /100 percent/],
    [{ waves: [wave(100, 2, 1)] }, /wave 1 ends before it starts/],
    [{ waves: [wave(50, 0, 1), wave(50, 1, 2), wave(100, 2, 3)] }, /wave 2 must have more percent/],
    [{ waves: [wave(50, 5, 6), wave(100, 4, 7)] }, /wave 2 starts before/],
    [{ waves: [wave(101, 0, 1)] }, /percent/],
    [{ waves: [wave(100, 0, Infinity)] }, /until_hours/],
  ])("refuses %j", (policy, reason) => {
    expect(() => parsePolicy(policy)).toThrow(reason);
  });
});
