import { createWriteStream, type WriteStream } from "node:fs";
import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { Feed, type WaitOptions } from "./feed.ts";

export interface ConsoleLine {
  readonly text: string;
  /** Since the machine was switched on. */
  readonly atMs: number;
}

export interface ConsoleOptions {
  /** Receives every line as `[seconds] text`; appended to. */
  readonly file: string;
  readonly onLine?: (line: ConsoleLine) => void;
}

/** The serial console: every line, with the time it came. Control sequences are removed. */
export class SerialConsole {
  readonly feed = new Feed<ConsoleLine>();
  readonly #startedMs = performance.now();
  readonly #decoder = new StringDecoder("utf8");
  readonly #file: WriteStream;
  readonly #onLine: ((line: ConsoleLine) => void) | undefined;
  #rest = "";

  constructor(options: ConsoleOptions) {
    this.#file = createWriteStream(options.file, { flags: "a" });
    // A full disk must not end the guest: the lines are still in memory.
    this.#file.on("error", () => undefined);
    this.#onLine = options.onLine;
  }

  get lines(): readonly ConsoleLine[] {
    return this.feed.items;
  }

  attach(socket: Readable): void {
    socket.on("data", (chunk) => {
      this.#take(this.#decoder.write(chunk));
    });
    socket.on("error", () => undefined);
  }

  /** Waits for a line that matches. Lines that came already count, from index `from` on. */
  waitFor(pattern: RegExp, options: WaitOptions): Promise<ConsoleLine> {
    return this.feed.waitFor(
      `console line ${String(pattern)}`,
      (line) => pattern.test(line.text),
      options,
    );
  }

  /** The machine has ended. A last line without an end of line, such as a prompt, counts as a line. */
  async end(reason: Error): Promise<void> {
    if (this.#rest !== "") this.#take("\n");
    this.feed.end(reason);
    await new Promise<void>((resolve) => {
      this.#file.end(resolve);
    });
  }

  /** The last lines as text, for error messages and reports. */
  tail(count: number): string {
    return this.lines
      .slice(-count)
      .map(({ text }) => text)
      .join("\n");
  }

  #take(chunk: string): void {
    const parts = (this.#rest + chunk).split("\n");
    this.#rest = parts.pop() ?? "";
    for (const part of parts) {
      const line = { text: cleanLine(part), atMs: performance.now() - this.#startedMs };
      this.#file.write(`[${(line.atMs / 1000).toFixed(3).padStart(9)}] ${line.text}\n`);
      this.feed.push(line);
      this.#onLine?.(line);
    }
  }
}

/** Control sequences of ECMA-48 (CSI), also the private ones that firmware and systemd send. */
const CONTROL_SEQUENCE = new RegExp(String.raw`\u001b\[[0-?]*[ -/]*[@-~]`, "g");
/** Other escapes of two or three characters, and what remains of C0 but the tabulator. */
const CONTROL_CHARACTER = new RegExp(
  String.raw`\u001b[ -/]*[0-~]|[\u0000-\u0008\u000b-\u001f\u007f]`,
  "g",
);

/** Firmware and systemd paint; what a reader and a pattern want is the text. */
export function cleanLine(raw: string): string {
  return raw.replaceAll(CONTROL_SEQUENCE, "").replaceAll(CONTROL_CHARACTER, "").trimEnd();
}
