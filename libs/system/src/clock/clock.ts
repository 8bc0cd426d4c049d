import { setTimeout as delay } from "node:timers/promises";

export interface Clock {
  now(): Temporal.Instant;
  /** Resolves after the time, or rejects with the signal's reason when it is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export function createNodeClock(): Clock {
  return {
    now: () => Temporal.Now.instant(),
    sleep: async (ms, signal) => {
      try {
        await delay(ms, undefined, signal === undefined ? {} : { signal });
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      }
    },
  };
}

/** A clock that stands still; sleeping moves it on at once. */
export function createMemoryClock(start = "2026-01-01T00:00:00Z"): Clock {
  let instant = Temporal.Instant.from(start);
  return {
    now: () => instant,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      instant = instant.add({ milliseconds: ms });
    },
  };
}
