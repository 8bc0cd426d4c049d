import type { Clock } from "@ballast/system";

/** So much may come at once after a pause. */
const BURST_MS = 250;

export interface RateLimitOptions {
  /** Undefined: as fast as it comes. */
  readonly maxBytesPerSecond: number | undefined;
  readonly clock: Clock;
  /** Never goes back, unlike the clock. */
  readonly monotonicMs: () => number;
}

/** Hands bytes on no faster than allowed; who reads slowly makes the server wait. One for all that a command fetches. */
export class RateLimit {
  readonly #options: RateLimitOptions;
  /** When what was handed out so far is paid for. */
  #paidAtMs = -Infinity;

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  async *over(bytes: AsyncIterable<Buffer>, signal: AbortSignal): AsyncIterable<Buffer> {
    for await (const part of bytes) {
      const waitMs = this.#take(part.length);
      if (waitMs > 0) await this.#options.clock.sleep(waitMs, signal);
      yield part;
    }
  }

  #take(sizeBytes: number): number {
    const { maxBytesPerSecond, monotonicMs } = this.#options;
    if (maxBytesPerSecond === undefined) return 0;
    const nowMs = monotonicMs();
    this.#paidAtMs = Math.max(this.#paidAtMs, nowMs) + (sizeBytes * 1000) / maxBytesPerSecond;
    return Math.max(0, this.#paidAtMs - nowMs - BURST_MS);
  }
}
