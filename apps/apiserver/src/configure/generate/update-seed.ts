import { randomInt } from "node:crypto";
import type { GeneratorEffect } from "./generator-effect.ts";

/** One more than the highest seed that the setting takes. */
const SEEDS = 2 ** 32;

export const updateSeed: GeneratorEffect = {
  limitMs: 5000,
  make: async () => ({ value: randomInt(SEEDS) }),
};
