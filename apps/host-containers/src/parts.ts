import { setTimeout as sleep } from "node:timers/promises";

/** Of a program that failed: what does not end with its signal by then is left to the end of the process. */
const END_LIMIT_MS = 5000;

/**
 * What a program does at the same time, which ends together: when it is told to, or when one of the parts fails. One that
 * went on alone would keep a process alive that does not do its work, and that nobody starts anew.
 */
export class Parts implements AsyncDisposable {
  readonly signal: AbortSignal;
  readonly #stop = new AbortController();
  readonly #parts: Promise<void>[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  /** Takes in a part that ends with the signal, at any time, and what is to be done after it, however it ended. */
  add(part: Promise<void>, after?: () => Promise<void>): void {
    const fail = (error: unknown): void => {
      this.#failure ??= { error };
      this.#stop.abort();
    };
    this.#parts.push(part.catch(fail).then(after).catch(fail));
  }

  /** Resolves when all have ended; rejects with what the first that failed did with, when the others have ended too. */
  async ended(): Promise<void> {
    const all = this.#all();
    const late = new AbortController();
    const { signal } = this.#stop;
    const isFailed = new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener("abort", () => resolve(), { once: true });
    });
    const tooLate = isFailed.then(() => sleep(END_LIMIT_MS, undefined, { signal: late.signal }));
    await Promise.race([all, tooLate.catch(() => undefined)]);
    late.abort();
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #all(): Promise<void> {
    let count = 0;
    while (count < this.#parts.length) {
      count = this.#parts.length;
      await Promise.all(this.#parts);
    }
  }

  /** Ends them, also when something else failed before all were there. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.ended().catch(() => undefined);
  }
}
