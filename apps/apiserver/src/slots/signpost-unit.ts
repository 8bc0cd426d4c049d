import type { Exec, Fs } from "@ballast/system";
import type * as z from "zod";
import { PATHS } from "../paths.ts";
import { readAnswer, startUnit } from "../units/unit-answer.ts";

/** Longer than the unit's own limit. */
const TIMEOUT_MS = 90_000;

export interface SignpostParts {
  readonly exec: Exec;
  readonly fs: Fs;
}

/**
 * Runs a command of signpost as a unit of systemd, for this server has no right on the disk. Rejects with what signpost
 * refuses.
 */
export async function runSignpost<Schema extends z.ZodType>(
  { exec, fs }: SignpostParts,
  command: string,
  schema: Schema,
  unit = `signpost@${command}.service`,
): Promise<z.output<Schema>> {
  const name = `signpost ${command}`;
  await startUnit(exec, { unit, name }, { timeoutMs: TIMEOUT_MS });
  return readAnswer(fs, { name, answer: `${PATHS.signpostAnswers}/${command}.json` }, schema);
}
