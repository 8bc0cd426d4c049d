import type { GeneratorName } from "@ballast/model";

/** A value for the setting, or why there is none on this machine. */
export type Made = { readonly value: string | number } | { readonly none: string };

export interface GeneratorEffect {
  /** Then it is given up, whether it listens to its signal or not. */
  readonly limitMs: number;
  readonly make: (signal: AbortSignal) => Promise<Made>;
}

/** What stands behind the names that the groups of settings declare. */
export type GeneratorEffects = Readonly<Record<GeneratorName, GeneratorEffect>>;
