import type { UpdatesStatus } from "@ballast/model";
import type { UpdateAgentConfig } from "@ballast/model";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";
import { readConfig } from "../repository/config.ts";
import { readStatusFile } from "../status/status-file.ts";
import type { MachineView } from "./ask-machine.ts";
import { hashOf, readMemory, readReboots, writeMemory, writeReboots } from "./memory-file.ts";
import {
  noteFailure,
  noteSuccess,
  noteTakenBack,
  underConfig,
  type ScheduleMemory,
} from "./memory.ts";
import { outcomeOf, runUnit, type Outcome } from "./run-unit.ts";
import { whatToDo, type Decision, type Situation } from "./what-to-do.ts";

export interface TickReport {
  /** In this run, one after another: names of commands, or `reboot`. */
  readonly did: readonly string[];
  /** Why nothing more was done. */
  readonly reason: string;
}

export type TickParts = Pick<AgentContext, "clock" | "exec" | "fs" | "log"> & MachineView;

/** Look, prepare, activate, restart: nothing has more to do at once. */
const MAX_STEPS = 5;

/** Does what the schedule has due, one step after another. What fails waits for a later run. */
export async function runTick(parts: TickParts): Promise<TickReport> {
  const did: string[] = [];
  const config = await readConfig(parts);
  let memory = underConfig(await readMemory(parts), hashOf(config));
  memory = await settlePending(parts, memory);
  while (did.length < MAX_STEPS) {
    const situation = await look(parts, config, memory);
    const { decision, memory: next } = whatToDo(situation);
    memory = next;
    if (decision.do === "nothing") {
      if (decision.reason !== memory.reason)
        parts.log.info("The schedule of updates waits", { reason: decision.reason });
      await writeMemory(parts, { ...memory, reason: decision.reason });
      return { did, reason: decision.reason };
    }
    await writeMemory(parts, memory);
    if (decision.do === "reboot") {
      await restart(parts, decision, situation.rebootsBefore);
      return { did: [...did, "reboot"], reason: "the machine restarts" };
    }
    const { command, version } = decision;
    parts.log.info("The schedule runs a command", { command, version });
    const outcome = await runUnit(parts, command);
    if (outcome.kind === "busy") return { did, reason: "another command is running" };
    memory = noteOutcome(parts, memory, { command, version }, outcome);
    await writeMemory(parts, memory);
    did.push(command);
  }
  return { did, reason: "more is done at the next time" };
}

/** For people. */
export function tickText({ did, reason }: TickReport): string {
  return [...did.map((what) => `${what}\n`), `${reason}\n`].join("");
}

/** What an earlier run started may have ended meanwhile. */
async function settlePending(parts: TickParts, memory: ScheduleMemory): Promise<ScheduleMemory> {
  const { pending } = memory;
  if (pending === null) return memory;
  const outcome = await outcomeOf(parts, pending.command);
  if (outcome.kind === "failed" && wasStopped(await readStatusFile(parts)))
    return noteTakenBack({ ...memory, pending: null }, pending.version);
  return noteOutcome(parts, memory, pending, outcome);
}

/** An operator's cancel stops what is being written. */
function wasStopped(status: UpdatesStatus | undefined): boolean {
  const last = status?.most_recent_command;
  return last?.cmd_type === "deactivate" || last?.cmd_status === "Stopped";
}

function noteOutcome(
  { log, upMs }: TickParts,
  memory: ScheduleMemory,
  step: NonNullable<ScheduleMemory["pending"]>,
  outcome: Outcome,
): ScheduleMemory {
  if (outcome.kind === "running") return { ...memory, pending: step };
  const settled = { ...memory, pending: null };
  if (outcome.kind === "busy") return settled;
  if (outcome.kind === "done") return noteSuccess(settled, step.command, step.version, upMs());
  log.warn("A command of the schedule failed and is tried again later", {
    command: step.command,
    reason: outcome.reason,
  });
  return noteFailure(settled, step.command, upMs());
}

async function look(
  parts: TickParts,
  config: UpdateAgentConfig,
  memory: ScheduleMemory,
): Promise<Situation> {
  const status = await readStatusFile(parts);
  const staged = status?.staging_partition?.image.version;
  // Nobody else is asked unless the answer counts.
  const asked = isNearChange(config, status) ? await parts.ask() : undefined;
  return {
    nowMs: parts.clock.now().epochMilliseconds,
    upMs: parts.upMs(),
    config,
    status,
    memory,
    objections: asked?.objections ?? [],
    machine: {
      isProven: await parts.isProven(),
      isCommitWaiting: asked?.isCommitWaiting,
      health: asked?.health,
    },
    rebootsBefore: await readReboots(parts, staged),
  };
}

function isNearChange({ automatic }: UpdateAgentConfig, status: UpdatesStatus | undefined) {
  const isWritten = status?.update_state === "Staged" || status?.update_state === "Ready";
  return isWritten && (automatic === "activate" || automatic === "reboot");
}

async function restart(
  parts: TickParts,
  { version, overridden }: Extract<Decision, { do: "reboot" }>,
  rebootsBefore: number,
): Promise<void> {
  const { exec, log } = parts;
  // A version that never starts may not have the machine restart for ever: without the count it does not restart.
  await writeReboots(parts, version, rebootsBefore + 1);
  const objecting = overridden.map(({ who }) => who).join(", ");
  log.notice("Restarts into the new version", {
    version,
    ...(objecting === "" ? {} : { objecting_too_long: objecting }),
  });
  const { exitCode, stderr } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-block", "--no-wall", "--no-ask-password", "reboot"],
  });
  if (exitCode !== 0)
    throw new UpdateAgentError(
      "update-agent.reboot",
      `Cannot restart the machine: systemctl says "${stderr.trim()}"`,
    );
}
