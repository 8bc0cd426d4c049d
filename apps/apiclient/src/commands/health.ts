import { setTimeout as delay } from "node:timers/promises";
import { ApiClientError, getHealth, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { Health } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";

const EXIT_CODE = { healthy: EXIT.ok, starting: EXIT.tryAgain, degraded: EXIT.failed } as const;
const ASK_AGAIN_MS = 1000;

interface HealthCommand {
  readonly json: boolean;
  readonly waitMs: number;
}

export async function runHealth(
  { stdout, signal }: ProgramContext,
  client: ApiClient,
  { json, waitMs }: HealthCommand,
): Promise<number> {
  const health = await waitForHealth(client, waitMs, signal);
  await stdout(json ? `${JSON.stringify(health)}\n` : formatHealth(health));
  return EXIT_CODE[health.status];
}

/** Asks until the machine is healthy or the time is over; then the last answer holds, or that there was none. */
async function waitForHealth(
  client: ApiClient,
  waitMs: number,
  signal: AbortSignal,
): Promise<Health> {
  const endMs = performance.now() + waitMs;
  for (;;) {
    const leftMs = endMs - performance.now();
    try {
      const health = await getHealth(client, { signal });
      if (health.status === "healthy" || leftMs <= 0) return health;
    } catch (error) {
      if (leftMs <= 0 || !(error instanceof ApiClientError)) throw error;
    }
    await delay(Math.min(ASK_AGAIN_MS, leftMs), undefined, { signal });
  }
}

function formatHealth({ status, checks }: Health): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, status: verdict, reason }) =>
    [`  ${name.padEnd(width)}  ${verdict}`, ...(reason === undefined ? [] : [reason])].join(": "),
  );
  return [status, ...lines].map((line) => `${safeText(line)}\n`).join("");
}
