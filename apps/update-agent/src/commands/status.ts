import type { UpdatesStatus } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { readRunning } from "../machine/running.ts";
import { readSlots } from "../machine/slots.ts";
import { readState } from "../state/state-file.ts";
import { statusOf } from "../status/status-of.ts";
import { readStatusFile, writeStatusFile } from "../status/status-file.ts";

/** Looks at the slots and says how things are; also for those who only read the file. */
export async function runStatus(context: AgentContext): Promise<UpdatesStatus> {
  const running = await readRunning(context.fs, context.arch);
  const slots = await readSlots(context);
  const state = await readState(context);
  const before = await readStatusFile(context);
  const status = statusOf(
    { running, slots, state },
    {
      most_recent_command: before?.most_recent_command ?? null,
      progress: null,
      inhibitors: before?.inhibitors ?? [],
    },
  );
  await writeStatusFile(context, status);
  return status;
}
