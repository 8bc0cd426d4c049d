import type { UpdatesStatus } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { readRunning } from "../machine/running.ts";
import { readSlots } from "../machine/slots.ts";
import { tryLock } from "../state/lock.ts";
import { readState } from "../state/state-file.ts";
import { statusOf } from "../status/status-of.ts";
import { readStatusFile, writeStatusFile } from "../status/status-file.ts";
import { openDesk } from "./operate.ts";

/**
 * Looks at the slots, sets the state right by them and says how things are, also for those who only read the file. While another
 * command is at work it changes nothing: the file is that command's.
 */
export async function runStatus(context: AgentContext): Promise<UpdatesStatus> {
  using lock = await tryLock(context);
  const running = await readRunning(context.fs, context.arch);
  const slots = await readSlots(context);
  const before = await readStatusFile(context);
  if (lock === undefined && before !== undefined) return before;
  const state =
    lock === undefined
      ? await readState(context)
      : (await openDesk(context, running, slots)).state();
  const status = statusOf(
    { running, slots, state },
    {
      most_recent_command: lastCommand(before, context),
      progress: null,
      inhibitors: before?.inhibitors ?? [],
    },
  );
  if (lock !== undefined) await writeStatusFile(context, status);
  return status;
}

/** One that is still shown at work, though nobody has the lock, was killed. */
function lastCommand(
  before: UpdatesStatus | undefined,
  { clock }: AgentContext,
): UpdatesStatus["most_recent_command"] {
  const progress = before?.progress ?? null;
  if (progress === null) return before?.most_recent_command ?? null;
  return {
    cmd_type: progress.command,
    cmd_status: "Stopped",
    timestamp: clock.now().toString(),
    exit_status: 137,
    stderr: "It ended before its time",
  };
}
