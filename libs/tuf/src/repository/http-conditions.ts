import type { IncomingHttpHeaders } from "node:http";

/** What conditions are about (RFC 9110, 8.8). */
export interface Representation {
  readonly sizeBytes: number;
  /** Strong, in its quotes. */
  readonly etag: string;
  readonly modified: Date;
}

/** Bytes from `start` up to and without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Whether the client has it already (RFC 9110, 13.1.2 and 13.1.3). */
export function isNotModified(
  headers: IncomingHttpHeaders,
  { etag, modified }: Representation,
): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined)
    return (
      tags.trim() === "*" || tags.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag)
    );
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return !Number.isNaN(since) && seconds(modified) <= Math.floor(since / 1000);
}

/**
 * The part that is asked for. Undefined: all of it, also for several parts at once and for what is no range of bytes, which a server
 * may pass over (RFC 9110, 14.2).
 */
export function rangeOf(
  headers: IncomingHttpHeaders,
  file: Representation,
): ByteRange | "unsatisfiable" | undefined {
  const asked = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(headers.range ?? "");
  if (asked === null || !holds(headers["if-range"], file)) return undefined;
  const [, first = "", last = ""] = asked;
  if (first === "") return last === "" ? undefined : suffix(Number(last), file);
  const [start, end] = [Number(first), last === "" ? Infinity : Number(last) + 1];
  // The last byte must not come before the first (14.1.1).
  if (end <= start) return undefined;
  return start < file.sizeBytes ? { start, end: Math.min(end, file.sizeBytes) } : "unsatisfiable";
}

function suffix(count: number, { sizeBytes }: Representation): ByteRange | "unsatisfiable" {
  return count === 0 || sizeBytes === 0
    ? "unsatisfiable"
    : { start: Math.max(0, sizeBytes - count), end: sizeBytes };
}

/** A part is only of use to whom has the rest of the very same file (RFC 9110, 13.1.5). */
function holds(condition: string | string[] | undefined, file: Representation): boolean {
  if (condition === undefined) return true;
  if (typeof condition !== "string") return false;
  if (condition.startsWith('"')) return condition === file.etag;
  return condition === file.modified.toUTCString();
}

function seconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
