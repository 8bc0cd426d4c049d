import type { Target } from "@ballast/api-client";
import { openExec, type ExecSession } from "@ballast/api-client/exec";
import { BallastError, describeErrorWithCode, UsageError } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { ExecCommand } from "../container-command.ts";
import { LocalStreams } from "./local-streams.ts";

/** That the command could not be asked for or was lost; its own exit codes are those of the command, as shells have them. */
const EXEC_FAILED = 125;

/** Runs a command in a container, with the streams of this process. Resolves with the exit code of the command. */
export async function runExec(
  context: ProgramContext,
  target: Target,
  command: ExecCommand,
): Promise<number> {
  try {
    return await hold(context.signal, target, command);
  } catch (error) {
    if (context.signal.aborted || error instanceof UsageError || !(error instanceof BallastError))
      throw error;
    context.stderr(`apiclient: ${describeErrorWithCode(error)}\n`);
    return EXEC_FAILED;
  }
}

async function hold(signal: AbortSignal, target: Target, command: ExecCommand): Promise<number> {
  using streams = new LocalStreams();
  if (command.tty === true && !streams.isInputTerminal)
    throw new UsageError(
      "Cannot run a command with a terminal: standard input is none",
      "Leave -t away, or give -T.",
    );
  const isTty = command.tty ?? (streams.isInputTerminal && streams.isOutputTerminal);
  const request = {
    ...{ target: command.container, command: command.command, separate: true },
    tty: isTty ? streams.size() : null,
  };
  const session = await openExec(target, request, {
    signal,
    onOutput: (name, bytes) => streams.write(name, bytes),
  });
  if (isTty) {
    streams.makeRaw();
    streams.onResize(() => {
      session.resize(streams.size());
    });
  }
  // It ends with the command, whether or not there is more to read.
  void passInput(streams, session);
  // Not before the end of it are the streams given back.
  return await session.exitCode;
}

async function passInput(streams: LocalStreams, session: ExecSession): Promise<void> {
  for await (const bytes of streams.input()) await session.write(bytes);
  session.endInput();
}
