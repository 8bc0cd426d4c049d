import { describeError } from "@ballast/errors";
import type { GeneratorName, GeneratorResult } from "@ballast/model";
import type { Clock } from "@ballast/system";
import { SourceError } from "../source-error.ts";
import type { GeneratorEffect, GeneratorEffects, Made } from "./generator-effect.ts";

/** Runs these generators at the same time, each within its limit; one that fails or hangs is a result like another. */
export function runGenerators(
  names: readonly GeneratorName[],
  effects: GeneratorEffects,
  clock: Clock,
  signal: AbortSignal,
): Promise<GeneratorResult[]> {
  return Promise.all(names.map((name) => run(name, effects[name], clock, signal)));
}

async function run(
  name: GeneratorName,
  effect: GeneratorEffect,
  clock: Clock,
  signal: AbortSignal,
): Promise<GeneratorResult> {
  const startMs = performance.now();
  const outcome = await outcomeOf(effect, clock, signal);
  return { name, ...outcome, duration_ms: Math.round(performance.now() - startMs) };
}

async function outcomeOf(
  { limitMs, make }: GeneratorEffect,
  clock: Clock,
  signal: AbortSignal,
): Promise<Pick<GeneratorResult, "outcome" | "value" | "reason">> {
  const over = new AbortController();
  const inTime = AbortSignal.any([signal, over.signal]);
  const limit = async (): Promise<Made> => {
    await clock.sleep(limitMs, inTime);
    throw new SourceError("apiserver.source-unreachable", `took longer than ${limitMs / 1000} s`);
  };
  try {
    const made = await Promise.race([make(inTime), limit()]);
    return "none" in made
      ? { outcome: "none", reason: made.none }
      : { outcome: "value", value: made.value };
  } catch (error) {
    signal.throwIfAborted();
    return { outcome: "failed", reason: describeError(error) };
  } finally {
    // Ends the timer, or what goes on although its time is over.
    over.abort();
  }
}
