import { text } from "node:stream/consumers";
import { BallastError, describeErrorWithCode, EXIT } from "@ballast/errors";
import { createLog } from "./log.ts";
import { createStdout } from "./stdout.ts";
import type { Program, ProgramContext } from "./program.ts";

const SIGNAL_NUMBER = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
const STOP_SIGNALS = ["SIGHUP", "SIGINT", "SIGTERM"] as const;
/** What a program that failed has left open may end by itself for so long. */
const END_LIMIT_MS = 5000;

/**
 * Runs a program as the process: arguments, streams, signals, exit code. The one printer of errors:
 * a {@link BallastError} is one sentence, anything else is a bug and keeps its stack.
 */
export async function runProgram(program: Program): Promise<void> {
  const stop = new AbortController();
  let received: keyof typeof SIGNAL_NUMBER | undefined;
  for (const name of STOP_SIGNALS)
    process.on(name, () => {
      // A second signal means that the user does not want to wait for the clean stop.
      if (received !== undefined) process.exit(128 + SIGNAL_NUMBER[name]);
      received = name;
      stop.abort(new BallastError("stopped", `Stopped by ${name}`));
    });
  const context = createContext(stop.signal);
  try {
    process.exitCode = await program.run(context);
  } catch (error) {
    // Whoever would start it anew waits for its end: nothing that it left open may keep it.
    setTimeout(() => process.exit(), END_LIMIT_MS).unref();
    if (received !== undefined && stop.signal.aborted) {
      process.exitCode = 128 + SIGNAL_NUMBER[received];
      return;
    }
    process.exitCode = report(program.name, error, context);
  }
}

function createContext(signal: AbortSignal): ProgramContext {
  const journal = process.env["JOURNAL_STREAM"] !== undefined;
  const stderr = (line: string): void => {
    process.stderr.write(line);
  };
  return {
    args: process.argv.slice(2),
    env: process.env,
    stdout: createStdout(endWithReader),
    stderr,
    stdin: () => text(process.stdin),
    // Not at once: to look costs what the stream costs.
    get isTerminal() {
      return process.stdout.isTTY;
    },
    log: createLog({ write: stderr, journal }),
    signal,
  };
}

/** A reader that went away (`| head`) is not a failure of the program. */
function endWithReader(error: NodeJS.ErrnoException): never {
  process.exit(error.code === "EPIPE" ? EXIT.ok : EXIT.failed);
}

function report(name: string, error: unknown, context: ProgramContext): number {
  const prefix = context.env["JOURNAL_STREAM"] === undefined ? "" : "<3>";
  if (!(error instanceof BallastError)) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    context.stderr(`${prefix}${name}: this is a bug: ${stack}\n`);
    return EXIT.bug;
  }
  context.stderr(`${prefix}${name}: ${describeErrorWithCode(error)}\n`);
  return error.exitCode;
}
