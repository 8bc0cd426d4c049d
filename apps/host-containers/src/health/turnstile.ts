/** Lets only so many tasks begin at once. One that takes longer than a while makes room for the next, and goes on. */
export class Turnstile {
  #free: number;
  readonly #holdMs: number;
  readonly #queue: (() => void)[] = [];

  constructor(atOnce: number, holdMs: number) {
    this.#free = atOnce;
    this.#holdMs = holdMs;
  }

  async pass<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    let isInside = true;
    const leave = (): void => {
      if (!isInside) return;
      isInside = false;
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    };
    const timer = setTimeout(leave, this.#holdMs);
    try {
      return await task();
    } finally {
      clearTimeout(timer);
      leave();
    }
  }
}
