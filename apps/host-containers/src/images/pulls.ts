/** Bounds how many images are pulled at a time, and pulls one image once however many ask for it. */
export class Pulls {
  readonly #max: number;
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #shared = new Map<string, Promise<string>>();

  constructor(max: number) {
    this.#max = max;
  }

  /** Pulls when it is its turn, or joins a pull of the same reference. Rejects with the signal's reason if it waits too long. */
  async run(reference: string, signal: AbortSignal, pull: () => Promise<string>): Promise<string> {
    const known = this.#shared.get(reference);
    if (known !== undefined) return known;
    const own = this.#inTurn(signal, pull).finally(() => this.#shared.delete(reference));
    this.#shared.set(reference, own);
    return own;
  }

  async #inTurn(signal: AbortSignal, pull: () => Promise<string>): Promise<string> {
    if (this.#running >= this.#max) await this.#turn(signal);
    else this.#running += 1;
    try {
      return await pull();
    } finally {
      // The place goes to the one that waits longest, if one does.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }

  #turn(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(begin), 1);
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
      };
      const begin = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      if (signal.aborted) {
        reject(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
        return;
      }
      signal.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(begin);
    });
  }
}
