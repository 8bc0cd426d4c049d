import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { LogEntry } from "./log-line.ts";

/** What the entries of these containers have as SYSLOG_IDENTIFIER, see host-containers. */
export function journalIdentifier(kind: "host" | "bootstrap", name: string): string {
  return `${kind}-${name}`;
}

/** No entry is longer: journald cuts lines at 48 KiB, and JSON writes a byte with six at most. */
const LINE_MAX_LENGTH = 1024 * 1024;
/** What comes of standard error is written as a warning (syslog.h: 4); what says itself to be worse counts too. */
const WARNING_PRIORITY = 4;

/** Journal entries, one JSON object a line as journalctl writes them, as lines of {@link LogEntry}. */
export async function* journalEntries(stdout: Readable): AsyncGenerator<string> {
  const decoder = new StringDecoder();
  let rest = "";
  for await (const chunk of stdout) {
    const lines = (rest + decoder.write(Buffer.from(chunk))).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LINE_MAX_LENGTH) rest = "";
    const text = lines.flatMap(entryOf).join("");
    if (text !== "") yield text;
  }
}

function entryOf(line: string): string[] {
  const fields = parse(line);
  if (fields === undefined) return [];
  const { MESSAGE, PRIORITY, __REALTIME_TIMESTAMP: at } = fields;
  const text = messageOf(MESSAGE);
  if (text === undefined) return [];
  const entry: LogEntry = {
    time: timeOf(at),
    stream: Number(PRIORITY ?? 6) <= WARNING_PRIORITY ? "stderr" : "stdout",
    text,
  };
  return [`${JSON.stringify(entry)}\n`];
}

function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const fields: unknown = JSON.parse(line);
    return isRecord(fields) ? fields : undefined;
  } catch {
    // The end of one that was too long.
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** journalctl(1): bytes that are not UTF-8, or that a terminal would obey, come as numbers. */
function messageOf(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((byte) => typeof byte === "number"))
    return Buffer.from(value).toString("utf8");
  return undefined;
}

function timeOf(microseconds: unknown): string | null {
  const ms = Number(microseconds) / 1000;
  return Number.isFinite(ms) && ms < 8.64e15 ? new Date(ms).toISOString() : null;
}
