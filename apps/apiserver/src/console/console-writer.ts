import { closeSync, constants, openSync, writeSync } from "node:fs";
import type { Log } from "@ballast/service";
import type { Clock } from "@ballast/system";

const { O_WRONLY, O_NONBLOCK, O_NOCTTY, O_APPEND } = constants;
const TRIES = 20;
const TRY_AFTER_MS = 100;

/** Writes a text to the console; resolves when it was written or given up. */
export type ConsoleWriter = (text: string) => Promise<void>;

/**
 * A console held up by flow control must not hold up the server: the device is opened non-blocking for each text,
 * and what it does not take within 2 s is dropped.
 */
export function createConsoleWriter(path: string, log: Log, clock: Clock): ConsoleWriter {
  return async (text) => {
    let device: number;
    try {
      device = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_APPEND);
    } catch (error) {
      log.debug("Console not opened", { reason: String(error) });
      return;
    }
    try {
      let rest = Buffer.from(text);
      for (let attempt = 0; rest.length > 0 && attempt < TRIES; attempt += 1) {
        rest = rest.subarray(writeSome(device, rest));
        if (rest.length > 0) await clock.sleep(TRY_AFTER_MS);
      }
      if (rest.length > 0) log.warn("Console is stuck, text dropped", { bytes: rest.length });
    } catch (error) {
      log.warn("Console not written", { reason: String(error) });
    } finally {
      closeSync(device);
    }
  };
}

function writeSome(device: number, bytes: Buffer): number {
  try {
    return writeSync(device, bytes);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EAGAIN") return 0;
    throw error;
  }
}
