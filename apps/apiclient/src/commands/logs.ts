import { asRecord, safeText, streamLogs, type ApiClient, type LogQuery } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { runContainerLogs } from "./container-logs.ts";

interface LogsCommand {
  readonly container: string | undefined;
  readonly follow: boolean;
  readonly unit: string | undefined;
  readonly lines: number | undefined;
  readonly since: string | undefined;
  readonly timestamps: boolean;
  readonly json: boolean;
}

export async function runLogs(
  context: ProgramContext,
  client: ApiClient,
  { container, follow, unit, lines, since, timestamps, json }: LogsCommand,
): Promise<number> {
  if (container !== undefined)
    return runContainerLogs(context, client, { container, follow, lines, since, timestamps, json });
  const { stdout, signal } = context;
  const query: LogQuery = {
    follow,
    ...(unit === undefined ? {} : { unit }),
    ...(lines === undefined ? {} : { lines }),
  };
  for await (const line of streamLogs(client, query, { signal }))
    await stdout(json ? `${line}\n` : `${formatEntry(line)}\n`);
  return EXIT.ok;
}

/** `2026-01-31T12:00:00.123Z name[pid]: message`; a line that is no journal entry is shown as it is. */
export function formatEntry(line: string): string {
  const entry = parseEntry(line);
  if (entry === undefined) return safeText(line);
  const text = (name: string): string | undefined => {
    const value = entry[name];
    return typeof value === "string" ? value : undefined;
  };
  const name = text("SYSLOG_IDENTIFIER") ?? text("_COMM") ?? "?";
  const pid = text("_PID") ?? text("SYSLOG_PID");
  const origin = pid === undefined ? name : `${name}[${pid}]`;
  const message = safeText(messageOf(entry["MESSAGE"])).replaceAll("\n", "\n    ");
  return `${timeOf(text("__REALTIME_TIMESTAMP"))} ${safeText(origin)}: ${message}`;
}

function parseEntry(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(line));
  } catch {
    return undefined;
  }
}

/** journalctl(1), JSON: bytes that are no UTF-8 come as numbers, a text that is too long as null. */
function messageOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((byte) => typeof byte === "number"))
    return Buffer.from(value).toString("utf8");
  return value === null ? "(too long)" : "(no message)";
}

function timeOf(microseconds: string | undefined): string {
  const milliseconds = Number(microseconds) / 1000;
  return Number.isFinite(milliseconds) && milliseconds < 8.64e15
    ? new Date(milliseconds).toISOString()
    : "-";
}
