import type { Readable } from "node:stream";

export interface ExecRequest {
  /** Absolute path: nothing is looked up on a search path. */
  readonly file: string;
  readonly args: readonly string[];
  readonly input?: string;
  /** After this time the program is killed and the call rejects; 60 s when absent. */
  readonly timeoutMs?: number;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ExecStream {
  /** Destroyed when the program was killed. */
  readonly stdout: Readable;
  /** Resolves when the program has ended; never rejects. Exit code is undefined if a signal ended it. */
  readonly ended: Promise<{ readonly exitCode: number | undefined; readonly stderr: string }>;
}

/** Programs. They get a fixed environment, never that of the caller. */
export interface Exec {
  /** Runs to the end. A non-zero exit code is an answer; not starting, or running out of time, is an error. */
  run(request: ExecRequest): Promise<ExecResult>;
  /** Runs until the end or until the signal, reading no faster than the reader. */
  stream(request: ExecRequest, signal: AbortSignal): ExecStream;
}

export const EXEC_TIMEOUT_MS = 60_000;
