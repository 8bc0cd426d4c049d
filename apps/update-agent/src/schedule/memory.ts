import * as z from "zod";

/** What the schedule does by running a command of the update agent. */
export const ScheduledCommand = z.enum(["check", "prepare", "activate", "cancel"]);
export type ScheduledCommand = z.output<typeof ScheduledCommand>;

const Failures = z.strictObject({ count: z.int().min(1), retry_at_ms: z.number() });

/**
 * What one run of the schedule leaves for the next, within one boot. All times are milliseconds since the machine started, which no
 * change of the clock moves.
 */
export const ScheduleMemory = z.strictObject({
  /** Of the settings that the failures belong to. */
  config: z.string(),
  checked_at_ms: z.number().nullable(),
  /** Started and not waited for: how it ended is to be found out. */
  pending: z.strictObject({ command: ScheduledCommand, version: z.string() }).nullable(),
  failures: z.partialRecord(ScheduledCommand, Failures),
  /** What the schedule did once in this boot: if it is no longer so, somebody took it back. */
  prepared: z.array(z.string()),
  activated: z.array(z.string()),
  /** When a written version was first seen. */
  staged: z.strictObject({ version: z.string(), since_ms: z.number() }).nullable(),
  /** When the machine would have restarted into this version, had nobody objected. */
  reboot_due: z.strictObject({ version: z.string(), since_ms: z.number() }).nullable(),
  /** Why nothing was done the last time, so that it is logged once. */
  reason: z.string(),
});
export type ScheduleMemory = z.output<typeof ScheduleMemory>;

export const NO_MEMORY: ScheduleMemory = {
  config: "",
  checked_at_ms: null,
  pending: null,
  failures: {},
  prepared: [],
  activated: [],
  staged: null,
  reboot_due: null,
  reason: "",
};

const FIRST_WAIT_MS = 15 * 60_000;
const LONGEST_WAIT_MS = 24 * 3600_000;

/** Other settings may be what was missing: failures under the old ones do not count. */
export function underConfig(memory: ScheduleMemory, config: string): ScheduleMemory {
  return memory.config === config ? memory : { ...memory, config, failures: {} };
}

export function noteSuccess(
  memory: ScheduleMemory,
  command: ScheduledCommand,
  version: string,
  upMs: number,
): ScheduleMemory {
  const { [command]: _, ...failures } = memory.failures;
  return {
    ...memory,
    failures,
    checked_at_ms: command === "check" ? upMs : memory.checked_at_ms,
    prepared: command === "prepare" ? withOne(memory.prepared, version) : memory.prepared,
    activated: command === "activate" ? withOne(memory.activated, version) : memory.activated,
  };
}

/** It waits 15 minutes, then twice as long each time, a day at most. */
export function noteFailure(
  memory: ScheduleMemory,
  command: ScheduledCommand,
  upMs: number,
): ScheduleMemory {
  const count = (memory.failures[command]?.count ?? 0) + 1;
  const waitMs = Math.min(FIRST_WAIT_MS * 2 ** (count - 1), LONGEST_WAIT_MS);
  const failures = { ...memory.failures, [command]: { count, retry_at_ms: upMs + waitMs } };
  return { ...memory, failures };
}

/** Somebody ended it: it is not begun again in this boot. */
export function noteTakenBack(memory: ScheduleMemory, version: string): ScheduleMemory {
  return { ...memory, prepared: withOne(memory.prepared, version) };
}

function withOne(versions: readonly string[], version: string): string[] {
  return [...new Set([...versions, version])];
}
