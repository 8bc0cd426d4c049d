import type { Wave } from "./manifest.ts";
import { SEED_COUNT } from "./seed.ts";

/**
 * When the machine with this seed takes the release, in milliseconds since 1970: within its wave, machines follow each other
 * evenly by the offset of their seed from the wave's first. Without waves it is at once: -Infinity.
 */
export function readyAtMs(waves: readonly Wave[], seed: number): number {
  const index = waves.findLastIndex((wave) => wave.first_seed <= seed);
  const wave = waves[index];
  if (wave === undefined) return -Infinity;
  const endSeed = waves[index + 1]?.first_seed ?? SEED_COUNT;
  const share = (seed - wave.first_seed) / (endSeed - wave.first_seed);
  const startMs = Date.parse(wave.starts_at);
  return Math.round(startMs + share * (Date.parse(wave.ends_at) - startMs));
}

/** The share of all machines, 0 to 1, whose time has come. */
export function readyShare(waves: readonly Wave[], nowMs: number): number {
  if (waves.length === 0) return 1;
  let ready = 0;
  for (const [index, wave] of waves.entries()) {
    const seeds = (waves[index + 1]?.first_seed ?? SEED_COUNT) - wave.first_seed;
    const startMs = Date.parse(wave.starts_at);
    const lengthMs = Date.parse(wave.ends_at) - startMs;
    const passed = lengthMs === 0 ? Number(nowMs >= startMs) : (nowMs - startMs) / lengthMs;
    ready += seeds * Math.min(1, Math.max(0, passed));
  }
  return ready / SEED_COUNT;
}
