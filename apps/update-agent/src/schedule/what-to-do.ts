import type { UpdatesStatus } from "@ballast/model";
import type { UpdateAgentConfig } from "@ballast/model";
import { jitterMs } from "./jitter.ts";
import { holdOf, type Machine } from "./machine.ts";
import type { ScheduledCommand, ScheduleMemory } from "./memory.ts";
import { isTurn } from "./window.ts";

/** Who asked that the machine does not restart. */
export interface Objection {
  readonly who: string;
  readonly why: string;
}

export interface Situation {
  /** Milliseconds since 1970, by the machine's clock. */
  readonly nowMs: number;
  /** Milliseconds since the machine started. */
  readonly upMs: number;
  readonly config: UpdateAgentConfig;
  /** Undefined: the update agent has not said anything in this boot. */
  readonly status: UpdatesStatus | undefined;
  readonly memory: ScheduleMemory;
  readonly objections: readonly Objection[];
  readonly machine: Machine;
  /** Restarts that the schedule made for the version that is activated, in earlier boots. */
  readonly rebootsBefore: number;
}

export type Decision =
  | { readonly do: "nothing"; readonly reason: string }
  | { readonly do: "run"; readonly command: ScheduledCommand; readonly version: string }
  | { readonly do: "reboot"; readonly version: string; readonly overridden: readonly Objection[] };

/** What is to be done now, and the memory with the times that begin now. */
export interface Step {
  readonly decision: Decision;
  readonly memory: ScheduleMemory;
}

/** Between two looks for updates. A machine whose turn in a wave comes meanwhile finds it at the next one. */
const CHECK_EVERY_MS = 3600_000;
/** A version for which the machine restarted this often and does not run gets no more restarts by itself. */
const MAX_REBOOTS = 3;
const STEPS = ["off", "check", "prepare", "activate", "reboot"] as const;

/** One step of the schedule; pure. Nothing follows from what the schedule did before but what the memory holds. */
export function whatToDo(situation: Situation): Step {
  const { config, status, memory, upMs } = situation;
  if (config.automatic === "off") return nothing(memory, "the schedule is off");
  if (config.metadata_url === null) return nothing(memory, "there is no repository");
  if (memory.pending !== null) return nothing(memory, `${memory.pending.command} is running`);
  const isCheckDue = memory.checked_at_ms === null || memory.checked_at_ms + CHECK_EVERY_MS <= upMs;
  if (isCheckDue && mayRun(memory, "check", upMs)) return run(memory, "check", "");
  // What is offered may have been withdrawn: without an answer of the repository nothing is begun.
  if (status === undefined || memory.checked_at_ms === null)
    return nothing(memory, "the repository has not answered yet");
  return withStatus(situation, status);
}

function withStatus(situation: Situation, status: UpdatesStatus): Step {
  const { config, memory, upMs } = situation;
  const written = writtenVersion(status);
  const chosen = status.chosen_update?.version;
  const reach = STEPS.indexOf(config.automatic);
  if (isWithdrawn(status, written) && memory.activated.includes(written ?? ""))
    return mayRun(memory, "cancel", upMs)
      ? run(memory, "cancel", written ?? "")
      : nothing(memory, "taking back what was withdrawn failed before");
  if (chosen === undefined) return nothing(memory, "there is no update");
  if (reach < STEPS.indexOf("prepare")) return nothing(memory, `${chosen} may be prepared`);
  if (written !== chosen) return prepare(situation, chosen);
  const seen = { ...memory, staged: sinceWhen(memory.staged, chosen, upMs) };
  if (reach < STEPS.indexOf("activate")) return nothing(seen, `${chosen} is written`);
  const hold = holdOf(situation.machine, status.pull_back) ?? holdOfTime(situation, seen);
  if (status.update_state === "Staged") return activate(situation, seen, chosen, hold);
  if (reach < STEPS.indexOf("reboot")) return nothing(seen, `${chosen} starts next`);
  return reboot(situation, seen, chosen, hold);
}

function prepare({ memory, machine, upMs }: Situation, version: string): Step {
  // It overwrites the slot that the machine would fall back to.
  if (!machine.isProven) return nothing(memory, "the running slot is on trial");
  if (memory.prepared.includes(version))
    return nothing(memory, `${version} was prepared before in this boot, and taken back`);
  if (!mayRun(memory, "prepare", upMs))
    return nothing(memory, `preparing ${version} failed before`);
  return run(memory, "prepare", version);
}

function activate(
  { upMs }: Situation,
  memory: ScheduleMemory,
  version: string,
  hold: string | undefined,
): Step {
  if (memory.activated.includes(version))
    return nothing(memory, `${version} was activated once in this boot, and taken back`);
  if (hold !== undefined) return nothing(memory, `${version} waits: ${hold}`);
  if (!mayRun(memory, "activate", upMs))
    return nothing(memory, `activating ${version} failed before`);
  return run(memory, "activate", version);
}

function reboot(
  { config, objections, rebootsBefore, upMs }: Situation,
  seen: ScheduleMemory,
  version: string,
  hold: string | undefined,
): Step {
  if (rebootsBefore >= MAX_REBOOTS)
    return nothing(seen, `${version} did not start after ${rebootsBefore} restarts`);
  if (hold !== undefined) return nothing(seen, `the restart waits: ${hold}`);
  const due = sinceWhen(seen.reboot_due, version, upMs);
  const memory = { ...seen, reboot_due: due };
  const limitMs = config.reboot_inhibit_limit_minutes * 60_000;
  const [first] = objections;
  if (first !== undefined && upMs - due.since_ms < limitMs)
    return nothing(memory, `the restart waits: ${first.who} objects: ${first.why}`);
  return { decision: { do: "reboot", version, overridden: objections }, memory };
}

/** Why it is not this machine's time to be disturbed. */
function holdOfTime(
  { config, nowMs, upMs }: Situation,
  { staged }: ScheduleMemory,
): string | undefined {
  const delayMs = jitterMs(config.seed, config.jitter_minutes);
  if (config.window !== null)
    return isTurn(config.window, delayMs, nowMs) ? undefined : "it is not its time of the window";
  const sinceMs = staged?.since_ms ?? upMs;
  return upMs - sinceMs >= delayMs ? undefined : "other machines go first";
}

/** The version that the other slot holds and is meant to boot. */
function writtenVersion({ update_state, staging_partition }: UpdatesStatus): string | undefined {
  const isWritten = update_state === "Staged" || update_state === "Ready";
  return isWritten ? staging_partition?.image.version : undefined;
}

function isWithdrawn({ update_state, releases }: UpdatesStatus, version: string | undefined) {
  const release = releases.find((one) => one.version === version);
  return update_state === "Ready" && release?.obstacle?.kind === "withdrawn";
}

function sinceWhen(
  known: { readonly version: string; readonly since_ms: number } | null,
  version: string,
  upMs: number,
) {
  return known?.version === version ? known : { version, since_ms: upMs };
}

function mayRun({ failures }: ScheduleMemory, command: ScheduledCommand, upMs: number): boolean {
  return (failures[command]?.retry_at_ms ?? 0) <= upMs;
}

function run(memory: ScheduleMemory, command: ScheduledCommand, version: string): Step {
  return { decision: { do: "run", command, version }, memory };
}

function nothing(memory: ScheduleMemory, reason: string): Step {
  return { decision: { do: "nothing", reason }, memory };
}
