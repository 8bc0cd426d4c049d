import { writeSync } from "node:fs";
import type { ProgramContext } from "./program.ts";

/** What a pipe that nobody reads takes without blocking: a quarter of its capacity (pipe(7)). */
const DIRECT_BYTES = 16 * 1024;
const STDOUT = 1;

/**
 * Standard output. The first bytes go straight to the descriptor: Node's stream costs a fifth of the start of a small
 * program, and most answers are short. What is longer waits for its reader in the stream, so that signals are heard.
 */
export function createStdout(
  failed: (error: NodeJS.ErrnoException) => never,
): ProgramContext["stdout"] {
  let directBytes = 0;
  let stream: NodeJS.WriteStream | undefined;
  return async (text) => {
    let rest: Uint8Array = Buffer.from(text);
    if (stream === undefined && directBytes + rest.length <= DIRECT_BYTES) {
      directBytes += rest.length;
      rest = writeDirectly(rest, failed);
      if (rest.length === 0) return;
    }
    stream ??= process.stdout.on("error", failed);
    const { promise, resolve } = Promise.withResolvers<void>();
    stream.write(rest, () => {
      resolve();
    });
    await promise;
  };
}

/** Answers what the descriptor did not take. */
function writeDirectly(
  bytes: Uint8Array,
  failed: (error: NodeJS.ErrnoException) => never,
): Uint8Array {
  let rest = bytes;
  try {
    while (rest.length > 0) rest = rest.subarray(writeSync(STDOUT, rest));
    return rest;
  } catch (error) {
    if (!isErrno(error)) throw error;
    // A pipe that somebody made non-blocking is full: the stream knows how to wait.
    return error.code === "EAGAIN" ? rest : failed(error);
  }
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "code" in error && typeof error.code === "string";
}
