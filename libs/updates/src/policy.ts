import * as z from "zod";
import { UpdatesError } from "./errors.ts";
import type { Wave } from "./manifest.ts";
import { SEED_COUNT } from "./seed.ts";

const HOUR_MS = 3_600_000;

/** How a release reaches the machines. Hours count from its publication. */
export interface WavePolicy {
  readonly waves: readonly PolicyWave[];
}

export interface PolicyWave {
  /** Of all machines, with those of the waves before, above 0 and up to 100; the last wave has 100. */
  readonly percent: number;
  readonly from_hours: number;
  readonly until_hours: number;
}

/** A wave lasts until the next one begins; the last one as long as it is told. */
function steps(last: number, ...starts: (readonly [percent: number, fromHours: number])[]) {
  return {
    waves: starts.map(([percent, from], index) => ({
      percent,
      from_hours: from,
      until_hours: starts[index + 1]?.[1] ?? from + last,
    })),
  };
}

export const WAVE_POLICIES = {
  default: steps(24, [1, 1], [5, 4], [15, 24], [40, 48], [60, 96], [90, 120], [100, 144]),
  accelerated: steps(8, [3, 1], [12, 4], [40, 8], [80, 16], [100, 24]),
  "slow-roll": steps(24, [1, 1], [5, 24], [15, 72], [40, 168], [60, 216], [90, 288], [100, 312]),
  /** For a release that mends what cannot wait. */
  urgent: steps(0.5, [5, 0.5], [25, 1], [50, 2], [90, 2.5], [100, 3]),
  /** Everybody at once. */
  none: { waves: [] },
} as const satisfies Readonly<Record<string, WavePolicy>>;

const hours = z
  .number()
  .min(0)
  .max(24 * 365);
const Policy = z.strictObject({
  waves: z
    .array(
      z.strictObject({
        percent: z.number().positive().max(100),
        from_hours: hours,
        until_hours: hours,
      }),
    )
    .max(64),
});

/** A policy of the maintainer's own, as it was parsed from his file. Throws UpdatesError. */
export function parsePolicy(value: unknown): WavePolicy {
  const result = Policy.safeParse(value);
  const [issue] = result.error?.issues ?? [];
  if (!result.success) throw badPolicy(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  const { waves } = result.data;
  if (waves.length > 0 && waves.at(-1)?.percent !== 100)
    throw badPolicy("its last wave must have 100 percent, or machines would never be asked");
  for (const [index, wave] of waves.entries()) {
    const before = waves[index - 1];
    if (wave.until_hours < wave.from_hours)
      throw badPolicy(`wave ${index + 1} ends before it starts`);
    if (before === undefined) continue;
    if (wave.percent <= before.percent)
      throw badPolicy(`wave ${index + 1} must have more percent than the one before`);
    if (wave.from_hours < before.from_hours)
      throw badPolicy(`wave ${index + 1} starts before the one before`);
  }
  return result.data;
}

/** The waves of a release that is published at this time. */
export function wavesOf({ waves }: WavePolicy, publishedAtMs: number): Wave[] {
  const at = (time: number) => new Date(publishedAtMs + Math.round(time * HOUR_MS)).toISOString();
  return waves.map((wave, index) => ({
    first_seed: Math.round(((waves[index - 1]?.percent ?? 0) / 100) * SEED_COUNT),
    starts_at: at(wave.from_hours),
    ends_at: at(wave.until_hours),
  }));
}

function badPolicy(reason: string): UpdatesError {
  return new UpdatesError("updates.bad-policy", `Cannot use the wave policy: ${reason}`);
}
