import { EXEC_LIMITS } from "@ballast/model/exec";

/** So few that the server need not stop to read, which would keep it from hearing that this client lives. */
const MAX_OUTSTANDING = 192;

/** How many messages of data may be sent: none before the server says so. */
export class SendWindow {
  #sent = 0;
  #written = 0;
  #max = 0;
  #waiting: (() => void)[] = [];

  /** What the server has said last. */
  offer(maxOutstanding: number, written: number): void {
    // Never less than what the server waits for before it says more.
    this.#max = Math.min(maxOutstanding, Math.max(MAX_OUTSTANDING, EXEC_LIMITS.acknowledgeEvery));
    this.#written = written;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Nothing more will be said: lets go of whoever waits. */
  close(): void {
    this.#max = Infinity;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when one more message may be sent, which then counts as sent. */
  async take(): Promise<void> {
    while (this.#sent - this.#written >= this.#max)
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#sent += 1;
  }
}
