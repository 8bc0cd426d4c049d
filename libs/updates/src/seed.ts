/** Seeds are whole numbers below this one, as `settings.updates.seed` has them; a machine keeps its place in every rollout. */
export const SEED_COUNT = 2 ** 32;
