import type { Clock } from "@ballast/system";
import type { ConsoleWriter } from "./console-writer.ts";

const UNSETTLED_MS = 2000;
const SETTLED_MS = 15_000;

export interface ConsoleStatus {
  /** Looks now, or as soon as the last print is 2 s ago. */
  poke(): void;
}

export interface ConsoleStatusParts {
  readonly write: ConsoleWriter;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** The present text, and whether it is expected to stay; undefined while there is nothing to show. */
  readonly look: () => Promise<{ readonly text: string; readonly isSettled: boolean } | undefined>;
}

/** Prints the status block whenever it differs from the one printed last, at most every 2 s. */
export function startConsoleStatus(parts: ConsoleStatusParts): ConsoleStatus {
  let wake = new AbortController();
  const loop = async (): Promise<void> => {
    let printed: string | undefined;
    for (;;) {
      wake = new AbortController();
      const seen = await parts.look();
      if (seen !== undefined && seen.text !== printed) {
        printed = seen.text;
        await parts.write(`${seen.text}\n`);
        await parts.clock.sleep(UNSETTLED_MS, parts.stop);
      }
      await pause(parts, seen?.isSettled === false ? UNSETTLED_MS : SETTLED_MS, wake.signal);
    }
  };
  void loop().catch((error: unknown) => {
    if (!parts.stop.aborted) throw error;
  });
  return {
    poke: () => {
      wake.abort();
    },
  };
}

async function pause(parts: ConsoleStatusParts, ms: number, wake: AbortSignal): Promise<void> {
  try {
    await parts.clock.sleep(ms, AbortSignal.any([parts.stop, wake]));
  } catch (error) {
    if (!wake.aborted || parts.stop.aborted) throw error;
  }
}
