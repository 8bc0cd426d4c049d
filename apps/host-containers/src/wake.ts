/** Lets one loop sleep until something happens; what happens while it is awake is not lost. */
export class Wake {
  #isDue = false;
  #resolve: (() => void) | undefined;

  now(): void {
    this.#isDue = true;
    this.#resolve?.();
  }

  /** Resolves at once if {@link now} was called since the last time, else then or after the time; with whether it was. */
  async sleep(limitMs: number): Promise<boolean> {
    if (!this.#isDue) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, limitMs));
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#resolve = undefined;
    const isDue = this.#isDue;
    this.#isDue = false;
    return isDue;
  }
}
