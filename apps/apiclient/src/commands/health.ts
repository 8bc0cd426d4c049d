import { setTimeout as delay } from "node:timers/promises";
import { ApiClientError, getHealth, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { Health } from "@ballast/model";
import type { Log, ProgramContext } from "@ballast/service";
import { createPaint, type Paint, type Style } from "../paint.ts";

const EXIT_CODE = { healthy: EXIT.ok, starting: EXIT.tryAgain, degraded: EXIT.failed } as const;
const ASK_AGAIN_MS = 1000;

interface HealthCommand {
  readonly json: boolean;
  readonly waitMs: number;
}

export async function runHealth(
  context: ProgramContext,
  client: ApiClient,
  { json, waitMs }: HealthCommand,
): Promise<number> {
  const { stdout, signal, log } = context;
  const health = await waitForHealth(client, waitMs, signal, log);
  await stdout(json ? `${JSON.stringify(health)}\n` : formatHealth(health, createPaint(context)));
  return EXIT_CODE[health.status];
}

/**
 * Asks until the machine is healthy or the time is over; then the last answer holds, or that there was none. What it waits
 * for is logged whenever it changes: whoever waits wants to know, and a unit leaves it in the journal.
 */
async function waitForHealth(
  client: ApiClient,
  waitMs: number,
  signal: AbortSignal,
  log: Log,
): Promise<Health> {
  const endMs = performance.now() + waitMs;
  const told = new Map<string, string>();
  for (;;) {
    const leftMs = endMs - performance.now();
    try {
      const health = await getHealth(client, { signal });
      if (health.status === "healthy" || leftMs <= 0) return health;
      tellUnmet(health, told, log);
    } catch (error) {
      if (leftMs <= 0 || !(error instanceof ApiClientError)) throw error;
    }
    await delay(Math.min(ASK_AGAIN_MS, leftMs), undefined, { signal });
  }
}

/** Logs each check that is not met, unless it was told so already. */
function tellUnmet({ checks }: Health, told: Map<string, string>, log: Log): void {
  for (const { name, status, reason = "" } of checks) {
    const state = `${status} ${reason}`;
    const isMet = status === "ok" || status === "warning";
    if (!isMet && told.get(name) !== state)
      log.notice("Waiting for health", {
        check: safeText(name),
        status,
        reason: safeText(reason),
      });
    told.set(name, state);
  }
}

const STYLES: Readonly<Record<string, Style>> = {
  healthy: "good",
  ok: "good",
  starting: "warning",
  waiting: "warning",
  warning: "warning",
  degraded: "bad",
  failed: "bad",
};

function formatHealth({ status, checks }: Health, paint: Paint): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const painted = (word: string): string => paint(STYLES[word] ?? "strong", word);
  const lines = checks.map(({ name, status: verdict, reason }) => {
    const why = reason === undefined ? "" : `: ${safeText(reason)}`;
    return `  ${safeText(name).padEnd(width)}  ${painted(verdict)}${why}`;
  });
  return [painted(status), ...lines].map((line) => `${line}\n`).join("");
}
