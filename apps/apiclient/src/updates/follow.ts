import { setTimeout as delay } from "node:timers/promises";
import { ApiClientError, getUpdatesStatus, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { UpdatesStatus } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import type { ProgressLine } from "./progress-line.ts";
import { percentOf, progressText } from "./progress-text.ts";

const LOOK_MS = 500;
/** A run that has begun shows itself long before. */
const SILENCE_MAX_MS = 60_000;
/** The API may be away while settings are applied, or the network for a moment. */
const LOST_MAX_MS = 60_000;
/** Without a terminal, a line for each of so many parts of a phase. */
const STEP_PERCENT = 10;

/** Undefined: nothing had run before. */
export type Before = string | undefined;

export function lastRun({ most_recent_command: last }: UpdatesStatus): Before {
  return last === null ? undefined : `${last.cmd_type} ${last.timestamp}`;
}

/**
 * Shows how a run goes on until it has ended; resolves with the status of then. `before` is the last run before it: a run
 * that ends between two looks is known by that.
 */
export async function follow(
  { signal }: ProgramContext,
  client: ApiClient,
  line: ProgressLine,
  before: Before,
): Promise<UpdatesStatus> {
  let hasBegun = false;
  const sinceMs = performance.now();
  for (;;) {
    const status = await lookPatiently(client, signal);
    const { progress } = status;
    if (progress === null) {
      if (hasBegun || lastRun(status) !== before) {
        line.clear();
        return status;
      }
      if (performance.now() - sinceMs > SILENCE_MAX_MS)
        throw new ApiclientError(
          "apiclient.nothing-begins",
          "The machine has taken the request, but nothing begins",
          {
            exitCode: EXIT.failed,
            hint: "See apiclient logs --unit 'update-agent@prepare.service'.",
          },
        );
    } else {
      hasBegun = true;
      const part = Math.floor((percentOf(progress) ?? 0) / STEP_PERCENT);
      line.show(progressText(progress), `${progress.phase} ${part}`);
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}

async function lookPatiently(client: ApiClient, signal: AbortSignal): Promise<UpdatesStatus> {
  const sinceMs = performance.now();
  for (;;) {
    try {
      return await getUpdatesStatus(client, { signal });
    } catch (error) {
      const isLost = error instanceof ApiClientError && error.code !== "api-client.bad-answer";
      if (!isLost || performance.now() - sinceMs > LOST_MAX_MS) throw error;
    }
    await delay(LOOK_MS, undefined, { signal });
  }
}
