import { BallastError, describeError, EXIT } from "@ballast/errors";
import type {
  UpdateCommand,
  UpdateCommandResult,
  UpdateProgress,
  UpdatesStatus,
} from "@ballast/model";
import { realPath, type AgentContext } from "../context.ts";
import { PATHS } from "../paths.ts";
import { readRunning, type Running } from "../machine/running.ts";
import { readSlots, type Slots } from "../machine/slots.ts";
import { takeLock } from "../state/lock.ts";
import { reconcile } from "../state/reconcile.ts";
import { keepReserve } from "../state/reserve.ts";
import { readState, setDamagedStateAside, writeState } from "../state/state-file.ts";
import type { State } from "../state/state.ts";
import { statusOf } from "../status/status-of.ts";
import { readStatusFile, writeStatusFile } from "../status/status-file.ts";

/** Between two writes of the status for progress alone. */
const PROGRESS_EVERY_MS = 500;
/** As a shell tells an end by SIGTERM. */
const STOPPED_EXIT = 143;

/** A command that may change something, while it has the lock. */
export interface Operation {
  readonly running: Running;
  /** As they were when it began. */
  readonly slots: Slots;
  /** As it is now. */
  readonly state: () => State;
  /** Keeps it durably. Throws `update-agent.state`. */
  readonly save: (state: State) => Promise<void>;
  /** Shows how far it is; often at will. */
  readonly report: (progress: Omit<UpdateProgress, "command">) => Promise<void>;
}

/**
 * Runs a command under the lock: with the state set right by the table before, and the status written after, however it ends.
 * Throws what the command throws, and `update-agent.busy`.
 */
export async function operate(
  context: AgentContext,
  command: UpdateCommand,
  act: (operation: Operation) => Promise<void>,
): Promise<UpdatesStatus> {
  using _ = await takeLock(context);
  const running = await readRunning(context.fs, context.arch);
  const slots = await readSlots(context);
  const before = await readStatusFile(context);
  const desk = await openDesk(context, running, slots);
  const inhibitors = before?.inhibitors ?? [];
  let last = before?.most_recent_command ?? null;
  const show = async (progress: UpdateProgress | null, now: Slots): Promise<UpdatesStatus> => {
    const activity = { most_recent_command: last, progress, inhibitors };
    const status = statusOf({ running, slots: now, state: desk.state() }, activity);
    await writeStatusFile(context, status);
    return status;
  };
  let shown: { phase: string; atMs: number } | undefined;
  const report: Operation["report"] = async (progress) => {
    const nowMs = performance.now();
    if (shown?.phase === progress.phase && nowMs - shown.atMs < PROGRESS_EVERY_MS) return;
    shown = { phase: progress.phase, atMs: nowMs };
    await show({ command, ...progress }, slots);
  };
  try {
    await act({ running, slots, report, ...desk });
  } catch (error) {
    last = failureOf(context, command, error);
    await show(null, await readSlots(context).catch(() => slots));
    throw error;
  }
  last = { ...resultOf(context, command), cmd_status: "Success", exit_status: EXIT.ok, stderr: "" };
  return show(null, await readSlots(context));
}

/** The state, set right by the table. */
export async function openDesk(
  context: AgentContext,
  running: Running,
  slots: Slots,
): Promise<Pick<Operation, "state" | "save">> {
  await keepReserve({ path: realPath(context, PATHS.reserve), log: context.log });
  await setDamagedStateAside(context);
  const found = await readState(context);
  let current = reconcile(found, { running, slots, now: context.clock.now().toString() });
  if (JSON.stringify(current) !== JSON.stringify(found))
    await writeState(context, current).catch((error: unknown) => {
      // Whoever must keep something says so himself; how things are can be told without.
      context.log.error("Cannot keep the state of updates", { reason: describeError(error) });
    });
  return {
    state: () => current,
    save: async (state) => {
      await writeState(context, state);
      current = state;
    },
  };
}

function failureOf(
  context: AgentContext,
  command: UpdateCommand,
  error: unknown,
): UpdateCommandResult {
  const isStopped = context.signal.aborted;
  return {
    ...resultOf(context, command),
    cmd_status: isStopped ? "Stopped" : "Failed",
    exit_status: exitStatusOf(error, isStopped),
    stderr: describeError(error),
  };
}

function exitStatusOf(error: unknown, isStopped: boolean): number {
  if (isStopped) return STOPPED_EXIT;
  return error instanceof BallastError ? error.exitCode : EXIT.bug;
}

function resultOf({ clock }: AgentContext, command: UpdateCommand) {
  return { cmd_type: command, timestamp: clock.now().toString() };
}
