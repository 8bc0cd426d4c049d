import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "@ballast/service";
import { openFifo } from "../../fifo.ts";

export interface PumpOptions {
  /** Of an existing FIFO. */
  readonly fifo: string;
  /** journald's socket for streams. */
  readonly journal: string;
  /** `SYSLOG_IDENTIFIER` of every line. */
  readonly identifier: string;
  /** As syslog(3) numbers them. */
  readonly priority: number;
  readonly log: Log;
}

const RECONNECT_MS = 1000;
/** What is in the FIFO when its writers have gone is read within this time. */
const QUIET_MS = 50;
const DRAIN_LIMIT_MS = 2000;

/**
 * Carries what a container writes from its FIFO to the journal, as a stream of its own. What the journal takes slowly is
 * read slowly, so that the container waits and nothing piles up here. While there is no journal the output is thrown away,
 * and counted: a container must not stand still for its log.
 */
export class JournalPump {
  readonly #options: PumpOptions;
  readonly #fifo: Socket;
  #journal: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #lostBytes = 0;
  #lastReadMs = performance.now();
  #isClosed = false;

  constructor(options: PumpOptions) {
    this.#options = options;
    this.#fifo = openFifo(options.fifo);
    this.#fifo.on("error", (error) => {
      options.log.error("Cannot read what a container writes", {
        container: options.identifier,
        reason: error.message,
      });
    });
    this.#fifo.on("data", (chunk: Buffer) => {
      this.#take(chunk);
    });
    // Until it is known whether there is a journal.
    this.#fifo.pause();
    this.#connect();
  }

  /** Carries what is left of a container that has ended. */
  async drain(): Promise<void> {
    const endMs = performance.now() + DRAIN_LIMIT_MS;
    this.#lastReadMs = performance.now();
    const isQuiet = () =>
      !this.#fifo.isPaused() && performance.now() - this.#lastReadMs >= QUIET_MS;
    while (!isQuiet() && performance.now() < endMs) await sleep(QUIET_MS / 2);
  }

  /** Stops reading; what is in the FIFO stays there for who opens it next. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    const read: unknown = this.#fifo.read();
    if (Buffer.isBuffer(read)) this.#journal?.write(read);
    this.#fifo.destroy();
    this.#journal?.end();
  }

  #take(chunk: Buffer): void {
    this.#lastReadMs = performance.now();
    if (this.#journal === undefined) this.#lostBytes += chunk.length;
    else if (!this.#journal.write(chunk)) this.#fifo.pause();
  }

  #connect(): void {
    const { identifier, priority } = this.#options;
    // journald ends its own side of the stream at once: that is not the end of ours.
    const journal = createConnection({ path: this.#options.journal, allowHalfOpen: true });
    journal.on("connect", () => {
      // Identifier, unit, priority, whether lines begin with levels, whether to forward to syslog, kmsg and the console.
      journal.write(`${identifier}\n\n${priority}\n0\n0\n0\n0\n`);
      if (this.#lostBytes > 0)
        journal.write(`(${this.#lostBytes} bytes were lost while there was no journal)\n`);
      this.#lostBytes = 0;
      this.#journal = journal;
      this.#fifo.resume();
    });
    journal.on("drain", () => this.#fifo.resume());
    // What went wrong does not matter: "close" follows.
    journal.on("error", () => undefined);
    journal.on("close", () => {
      this.#lostBytes += journal.writableLength;
      this.#journal = undefined;
      if (this.#isClosed) return;
      this.#fifo.resume();
      this.#retry = setTimeout(() => {
        this.#connect();
      }, RECONNECT_MS);
      this.#retry.unref();
    });
    // It never answers.
    journal.resume();
  }
}
