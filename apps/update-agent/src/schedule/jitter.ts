import { createHash } from "node:crypto";

const MINUTE_MS = 60_000;
const RANGE = 2 ** 32;

/**
 * How much later than others this machine begins what disturbs, always the same for one seed. Not the seed itself: machines of one
 * wave have seeds close to each other. Without a seed the machine goes last.
 */
export function jitterMs(seed: number | null, jitterMinutes: number): number {
  const rangeMs = jitterMinutes * MINUTE_MS;
  if (seed === null) return rangeMs;
  const drawn = createHash("sha256").update(`ballast schedule ${seed}`).digest().readUInt32BE(0);
  return Math.floor((drawn / RANGE) * rangeMs);
}
