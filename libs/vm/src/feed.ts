import { VmError } from "./vm-error.ts";

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Items with a lower index are not looked at; 0 looks at the whole past. */
  readonly from?: number;
  /** Ends the wait early. */
  readonly signal?: AbortSignal;
}

interface Waiter<T> {
  readonly check: (item: T) => boolean;
  readonly resolve: (item: T) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Everything that arrived so far, in order, and waits for what comes. A wait looks at the past first, so an item
 * that arrives before the wait starts is not lost. Each wait is bounded.
 */
export class Feed<T> {
  readonly items: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();
  #ended: Error | undefined;

  push(item: T): void {
    this.items.push(item);
    for (const waiter of this.#waiters) if (waiter.check(item)) waiter.resolve(item);
  }

  /** Nothing more will come: waits that are open, and later ones without a match, fail with this reason. */
  end(reason: Error): void {
    this.#ended ??= reason;
    for (const waiter of this.#waiters) waiter.reject(this.#ended);
  }

  /** Resolves with the first item that satisfies the check. `what` names it in the error of a timeout. */
  waitFor(what: string, check: (item: T) => boolean, options: WaitOptions): Promise<T> {
    const past = this.items.slice(options.from ?? 0).find(check);
    if (past !== undefined) return Promise.resolve(past);
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const waiter = { check, resolve, reject };
    const timer = setTimeout(() => {
      reject(
        new VmError(
          "vm.timeout",
          `Waited ${options.timeoutMs / 1000} s for ${what}: it did not come`,
        ),
      );
    }, options.timeoutMs);
    const stop = (): void => {
      reject(new VmError("vm.timeout", `Stopped waiting for ${what}`));
    };
    options.signal?.addEventListener("abort", stop);
    this.#waiters.add(waiter);
    return promise.finally(() => {
      options.signal?.removeEventListener("abort", stop);
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    });
  }
}
