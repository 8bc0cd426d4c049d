import type { Clock } from "@ballast/system";
import { hasCode } from "@ballast/errors";
import { TufError } from "../errors.ts";
import type { FetchOptions, Fetcher } from "./fetcher.ts";

const TRIES = 5;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
/** Less than this is no progress: a server could cut the line after every byte. */
const PROGRESS_BYTES = 64 * 1024;

/**
 * Tries again what may come right by itself, and goes on where the bytes ended. Tries that brought a good part do not count:
 * a bad line takes longer, a dead server does not.
 */
export class RetryingFetcher implements Fetcher {
  readonly #inner: Fetcher;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(inner: Fetcher, clock: Clock, random: () => number = Math.random) {
    this.#inner = inner;
    this.#clock = clock;
    this.#random = random;
  }

  async *fetch(url: URL, options: FetchOptions): AsyncIterable<Buffer> {
    const progress = { doneBytes: 0 };
    let failures = 0;
    for (;;) {
      const before = progress.doneBytes;
      try {
        yield* this.#goOn(url, options, progress);
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        failures = progress.doneBytes - before >= PROGRESS_BYTES ? 1 : failures + 1;
        if (failures >= TRIES) throw error;
      }
      const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
      // Up to half longer: machines that failed together do not come back together.
      await this.#clock.sleep(pauseMs * (1 + this.#random() / 2), options.signal);
    }
  }

  async *#goOn(
    url: URL,
    options: FetchOptions,
    progress: { doneBytes: number },
  ): AsyncIterable<Buffer> {
    const { range } = options;
    const skip = progress.doneBytes;
    if (range === undefined) {
      // How long it is is not known, so there is no range to ask for: what was had is passed over.
      let left = skip;
      for await (const part of this.#inner.fetch(url, options)) {
        const rest = part.subarray(Math.min(left, part.length));
        left -= part.length - rest.length;
        progress.doneBytes += rest.length;
        if (rest.length > 0) yield rest;
      }
      if (left > 0)
        throw new TufError(
          "tuf.bad-answer",
          `Cannot fetch ${url.pathname}: it became shorter meanwhile`,
        );
      return;
    }
    const left = { offset: range.offset + skip, sizeBytes: range.sizeBytes - skip };
    if (left.sizeBytes === 0) return;
    for await (const part of this.#inner.fetch(url, { ...options, range: left })) {
      progress.doneBytes += part.length;
      yield part;
    }
  }
}

function isPassing(error: unknown): boolean {
  return hasCode(error, "tuf.unreachable") || hasCode(error, "tuf.slow");
}
