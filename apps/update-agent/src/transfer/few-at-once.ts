/** Work that goes on while the next is prepared, a few at a time. An error is told by the next call. */
export class FewAtOnce {
  readonly #count: number;
  #running: Promise<void>[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /** Waits until there is room for it. */
  async add(work: () => Promise<void>): Promise<void> {
    if (this.#running.length >= this.#count) await this.#running.shift();
    const running = work();
    // Whoever waits for it is told; until then it is not a fault that nobody handles.
    running.catch(() => undefined);
    this.#running.push(running);
  }

  /** Waits for all, and tells the first error. */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    this.#running = [];
  }

  /** Waits for all, whatever comes of it: nothing may be written later behind the caller's back. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }
}
