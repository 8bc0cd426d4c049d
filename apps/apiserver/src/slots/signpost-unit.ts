import { BallastError } from "@ballast/errors";
import type { Exec, Fs } from "@ballast/system";
import type * as z from "zod";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";
import { SignpostFailure } from "./signpost-answer.ts";

/** Longer than the unit's own limit. */
const TIMEOUT_MS = 90_000;

/** What signpost refused or could not do, in its own words. */
export class SignpostError extends BallastError {}

export interface SignpostParts {
  readonly exec: Exec;
  readonly fs: Fs;
}

/**
 * Runs a command of signpost as a unit of systemd, for this server has no right on the disk. The unit succeeds also when
 * signpost refuses; then its answer is the refusal.
 */
export async function runSignpost<Schema extends z.ZodType>(
  { exec, fs }: SignpostParts,
  command: string,
  schema: Schema,
  unit = `signpost@${command}.service`,
): Promise<z.output<Schema>> {
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-ask-password", "start", unit],
    timeoutMs: TIMEOUT_MS,
  });
  if (exitCode !== 0)
    throw new ApiError(
      "apiserver.command-failed",
      `Cannot run signpost ${command}: systemctl says "${stderr.trim()}"`,
      { hint: `See journalctl --unit=${unit}.`, details: { exit_code: exitCode } },
    );
  const answer = parseJson(command, await fs.readText(`${PATHS.signpostAnswers}/${command}.json`));
  const failure = SignpostFailure.safeParse(answer);
  if (failure.success) {
    const { code, message, hint } = failure.data.error;
    throw new SignpostError(code, message, hint === null ? {} : { hint });
  }
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new ApiError("apiserver.command-failed", `Cannot read the answer of signpost ${command}`, {
    cause: parsed.error,
  });
}

function parseJson(command: string, text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch (cause) {
    throw new ApiError("apiserver.command-failed", `Signpost ${command} left no answer`, { cause });
  }
}
