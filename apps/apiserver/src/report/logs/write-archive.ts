import { setImmediate as nextTurn } from "node:timers/promises";
import { describeError } from "@ballast/errors";
import type { ArchivePart } from "./archive-part.ts";
import { createRedactor, type Redactor } from "./redactor.ts";
import { TAR_END, tarEntry } from "./tar.ts";

/** Bounds of one archive. */
export interface ArchiveLimits {
  /** Held in memory; a part that is longer goes on in a further file. */
  readonly fileBytes: number;
  readonly partBytes: number;
  readonly partMs: number;
  readonly totalMs: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = {
  fileBytes: 512 * 1024,
  partBytes: 64 * 1024 * 1024,
  partMs: 60_000,
  totalMs: 300_000,
};

export interface ArchiveRequest {
  readonly parts: readonly ArchivePart[];
  /** Texts that may stand nowhere. */
  readonly secrets: readonly string[];
  /** Aborted when nobody waits for the archive any more. */
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  readonly limits?: ArchiveLimits;
}

/** What became of a part, for the manifest. */
interface Outcome {
  readonly name: string;
  readonly files: readonly string[];
  readonly bytes: number;
  readonly redacted_lines: number;
  readonly seconds: number;
  readonly fault: string | null;
}

const FOLDER = "ballast-logs";
const NOTE =
  "Secret settings are left out. What looks like a secret elsewhere is replaced by a mark in brackets. No such search finds everything: read before you send.";

/** The bytes of a tar archive, part by part; a part that fails becomes a file that says why, and the manifest ends it. */
export async function* writeArchive(request: ArchiveRequest): AsyncGenerator<Uint8Array> {
  const { nowMs, signal, parts, secrets, limits = ARCHIVE_LIMITS } = request;
  const startMs = nowMs();
  const outcomes: Outcome[] = [];
  const file = (name: string, text: string): Uint8Array[] =>
    tarEntry({ path: `${FOLDER}/${name}`, data: Buffer.from(text), modifiedAtMs: nowMs() });
  for (const part of parts) {
    const partMs = nowMs();
    const redactor = createRedactor(secrets);
    const files: string[] = [];
    let bytes = 0;
    let fault: string | null = null;
    try {
      const leftMs = Math.min(limits.partMs, startMs + limits.totalMs - partMs);
      for await (const text of filesOf(part, redactor, leftMs, request)) {
        const name = files.length === 0 ? part.name : numbered(part.name, files.length + 1);
        files.push(name);
        bytes += Buffer.byteLength(text);
        yield* file(name, text);
      }
    } catch (error) {
      signal.throwIfAborted();
      fault = describeError(error)
        .split("\n")
        .map((line) => redactor.line(line))
        .join("\n");
      const name = `${part.name}.failed.txt`;
      files.push(name);
      yield* file(name, `${fault}\n`);
    }
    const seconds = Math.round((nowMs() - partMs) / 100) / 10;
    const redacted = redactor.count();
    outcomes.push({ name: part.name, files, bytes, redacted_lines: redacted, seconds, fault });
  }
  const created = new Date(startMs).toISOString();
  const manifest = { created, note: NOTE, parts: outcomes };
  yield* file("manifest.json", `${JSON.stringify(manifest, null, 2)}\n`);
  yield TAR_END;
}

/** Redacted texts of at most `fileBytes` and a line. What was read before a fault comes before the fault. */
async function* filesOf(
  part: ArchivePart,
  redactor: Redactor,
  timeoutMs: number,
  { signal, limits = ARCHIVE_LIMITS }: ArchiveRequest,
): AsyncGenerator<string> {
  if (timeoutMs <= 0) throw new Error("No time was left for this part");
  const stop = new AbortController();
  const both = AbortSignal.any([signal, stop.signal]);
  const timer = setTimeout(() => {
    stop.abort(new Error(`This part took more than ${Math.round(timeoutMs / 1000)} s`));
  }, timeoutMs);
  let texts: string[] = [];
  let sizeBytes = 0;
  let allBytes = 0;
  const take = (): string => {
    const text = texts.join("");
    texts = [];
    sizeBytes = 0;
    return text;
  };
  try {
    for await (const lines of untilAborted(redactedLines(part, redactor, both), both))
      for (const line of lines) {
        const text = `${line}\n`;
        texts.push(text);
        sizeBytes += Buffer.byteLength(text);
        allBytes += Buffer.byteLength(text);
        if (allBytes > limits.partBytes)
          throw new Error(`This part is longer than ${limits.partBytes} bytes`);
        if (sizeBytes >= limits.fileBytes) yield take();
      }
  } catch (error) {
    if (texts.length > 0 && !signal.aborted) yield take();
    throw error;
  } finally {
    clearTimeout(timer);
    stop.abort();
  }
  if (texts.length > 0) yield take();
}

async function* redactedLines(
  part: ArchivePart,
  redactor: Redactor,
  signal: AbortSignal,
): AsyncGenerator<string[]> {
  if ("json" in part) {
    const text = JSON.stringify(redactor.json(await part.json(signal)) ?? null, null, 2);
    yield text.split("\n");
  } else
    for await (const lines of part.lines(signal)) {
      // Other requests must not wait for a journal that comes without a pause.
      await nextTurn();
      yield lines.map((line) => redactor.line(line));
    }
}

/** Whatever a part waits for, it waits no longer than the signal lets it. */
async function* untilAborted<Value>(
  values: AsyncIterable<Value>,
  signal: AbortSignal,
): AsyncGenerator<Value> {
  const iterator = values[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  // Somebody may never wait for it.
  aborted.promise.catch(() => undefined);
  const onAbort = (): void => {
    aborted.reject(signal.reason);
  };
  signal.addEventListener("abort", onAbort);
  try {
    signal.throwIfAborted();
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: it may hang for as long as what it waits for.
    void iterator.return?.().catch(() => undefined);
  }
}

/** `journal.txt` → `journal.002.txt`, so that names sort as they follow each other. */
function numbered(name: string, number: number): string {
  const at = name.lastIndexOf(".");
  return `${name.slice(0, at)}.${String(number).padStart(3, "0")}${name.slice(at)}`;
}
