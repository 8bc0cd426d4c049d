import { readyAtMs, SEED_COUNT, WAVE_POLICIES, wavesOf, type WavePolicy } from "@ballast/updates";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { plainLoad } from "./machine-load.ts";
import { rollOut, type Hour } from "./roll-out.ts";

const HOUR_MS = 3_600_000;
const LOAD = plainLoad(1_000_000);
const policy = (wanted: WavePolicy, machines = 10_000, checkMinutes = 60) =>
  rollOut({ machines, checkMinutes, waves: wavesOf(wanted, 0), startMs: 0, load: LOAD });

/** Machine by machine: seeds and times of looking as even as they can be, and not the same order. */
function counted({ waves }: WavePolicy, machines: number, checkMinutes: number): number[] {
  const intervalMs = checkMinutes * 60_000;
  const hours: number[] = [];
  for (let machine = 0; machine < machines; machine++) {
    const seed = Math.floor(((machine + 0.5) / machines) * SEED_COUNT);
    // The golden ratio spreads looks evenly in every stretch of seeds.
    const phaseMs = ((machine * 0.618_033_988_75) % 1) * intervalMs;
    const readyMs = Math.max(0, readyAtMs(wavesOf({ waves }, 0), seed));
    const lookMs = phaseMs + Math.ceil((readyMs - phaseMs) / intervalMs) * intervalMs;
    const hour = Math.floor(lookMs / HOUR_MS);
    hours[hour] = (hours[hour] ?? 0) + 1;
  }
  return Array.from({ length: hours.length }, (_, hour) => hours[hour] ?? 0);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

describe("rollOut", () => {
  it.each(Object.entries(WAVE_POLICIES))(
    "tells what counting machines tells: %s",
    (_name, wanted) => {
      const machines = 20_000;
      const expected = counted(wanted, machines, 60);
      const { hours } = policy(wanted, machines);
      let done = 0;
      for (const { hour, updated } of hours) {
        done += expected[hour - 1] ?? 0;
        // Of all machines; steps of a minute cannot tell more.
        expect(Math.abs(updated - done) / machines).toBeLessThan(0.01);
      }
      expect(done).toBe(machines);
    },
  );

  it("takes no longer for more machines, and loses none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (machines) => {
        const { hours } = policy(WAVE_POLICIES.urgent, machines);
        expect(sum(hours.map(({ updates }) => updates))).toBe(machines);
        expect(hours.at(-1)?.updated).toBe(machines);
        expect(hours.every(({ updates }) => updates >= 0)).toBe(true);
      }),
      { numRuns: 30 },
    );
    const start = performance.now();
    policy(WAVE_POLICIES["slow-roll"], 10_000_000);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it("adds up to what each machine fetches", () => {
    const load = { ...LOAD, checkBytes: 0, newsBytes: 7, updateBytes: 1000 };
    const waves = wavesOf(WAVE_POLICIES.accelerated, 0);
    const { hours, totalBytes, peak } = rollOut({
      ...{ machines: 5000, checkMinutes: 30, waves, startMs: 0, load },
    });
    expect(totalBytes).toBeCloseTo(5000 * 1007, 0);
    expect(sum(hours.map(({ bytesPerSecond }) => bytesPerSecond * 3600))).toBeCloseTo(
      totalBytes,
      0,
    );
    const most = Math.max(...hours.map(({ bytesPerSecond }) => bytesPerSecond));
    expect(peak.bytesPerSecond).toBeGreaterThanOrEqual(most);
  });

  it("spreads those that may all at once over the time in which each looks once", () => {
    const { hours } = policy(WAVE_POLICIES.none, 24_000, 24 * 60);
    expect(hours).toHaveLength(24);
    for (const { updates } of hours) expect(updates).toBe(1000);
    // The looks alone when nothing is new any more.
    const quiet = rollOut({
      ...{ machines: 3600, checkMinutes: 60, waves: [], startMs: 0 },
      load: { ...LOAD, newsRequests: 0, updateRequests: 0 },
    });
    expect(quiet.hours[0]?.requestsPerSecond).toBeCloseTo(2);
  });

  it("goes on through a pause, and ends with a policy of a year", () => {
    const long: WavePolicy = {
      waves: [
        { percent: 10, from_hours: 0, until_hours: 1 },
        { percent: 100, from_hours: 8000, until_hours: 8760 },
      ],
    };
    const { hours } = policy(long);
    expect(hours[5000]).toMatchObject({ updates: 0, updated: 1000 } satisfies Partial<Hour>);
    expect(hours.at(-1)?.updated).toBe(10_000);
    expect(hours.length).toBeLessThanOrEqual(8762);
  });
});
