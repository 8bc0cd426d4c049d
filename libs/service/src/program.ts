import type { Log } from "./log.ts";

/** What the edge hands to a program; nothing below `main.ts` touches `process`. */
export interface ProgramContext {
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Standard output: the answer and nothing else. Resolves when the text was taken. */
  readonly stdout: (text: string) => Promise<void>;
  readonly stderr: (text: string) => void;
  readonly stdin: () => Promise<string>;
  readonly isTerminal: boolean;
  readonly log: Log;
  /** Aborted by SIGINT, SIGTERM or SIGHUP: stop cleanly and return. */
  readonly signal: AbortSignal;
}

/** One program of the multi-call executable. `run` resolves with the exit code. */
export interface Program {
  readonly name: string;
  run(context: ProgramContext): Promise<number>;
}
