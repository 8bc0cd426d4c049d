import { getHealth, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { Health } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";

const EXIT_CODE = { healthy: EXIT.ok, starting: EXIT.tryAgain, degraded: EXIT.failed } as const;

export async function runHealth(
  { stdout, signal }: ProgramContext,
  client: ApiClient,
  json: boolean,
): Promise<number> {
  const health = await getHealth(client, { signal });
  await stdout(json ? `${JSON.stringify(health)}\n` : formatHealth(health));
  return EXIT_CODE[health.status];
}

function formatHealth({ status, checks }: Health): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, status: verdict, reason }) =>
    [`  ${name.padEnd(width)}  ${verdict}`, ...(reason === undefined ? [] : [reason])].join(": "),
  );
  return [status, ...lines].map((line) => `${safeText(line)}\n`).join("");
}
