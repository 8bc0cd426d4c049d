import type { Slot, SlotFailure } from "@ballast/model";
import type { KernelLog } from "./kernel-logs.ts";
import type { Attempt } from "./trial-file.ts";

const LOG_LINES = 100;
const PANIC = /Kernel panic - not syncing: *(.*)/;

/** Everything that is known about the boots of a slot that gave way. */
export interface Evidence {
  readonly slot: Slot;
  readonly rootHash: string;
  /** Why the selector passed it over in this boot. */
  readonly skipped: string | undefined;
  /** Its own boots on trial, newest last. */
  readonly attempts: readonly Attempt[];
  /** Logs that no boot has explained yet, newest last. */
  readonly logs: readonly KernelLog[];
  /** RFC 3339. */
  readonly now: string;
}

/** The plainest account that the evidence allows; where nothing is known it says so. */
export function explainFailure(evidence: Evidence): SlotFailure {
  const { slot, rootHash: root_hash, skipped, attempts, logs, now } = evidence;
  const log = logs.findLast(({ text }) => PANIC.test(text)) ?? logs.at(-1);
  const attempt = attempts.at(-1);
  const panic = log === undefined ? undefined : PANIC.exec(log.text)?.[1]?.trim();
  return {
    slot,
    root_hash,
    at: timeOf(evidence, panic === undefined ? undefined : log) ?? now,
    reason: reasonOf(skipped, panic, attempt),
    unmet: attempt?.unmet ?? [],
    kernel_log: log === undefined ? null : tailOf(log.text),
  };
}

function timeOf(
  { skipped, attempts }: Evidence,
  panicked: KernelLog | undefined,
): string | undefined {
  return skipped === undefined ? (panicked?.at ?? attempts.at(-1)?.started_at) : undefined;
}

function reasonOf(
  skipped: string | undefined,
  panic: string | undefined,
  attempt: Attempt | undefined,
): string {
  if (skipped !== undefined) return `The selector could not start it: ${skipped}`;
  if (panic !== undefined) return `Its kernel stopped: ${panic || "it gave no reason"}`;
  if (attempt === undefined)
    return "It used up its tries, never reached its API and left no kernel log: it hung until the watchdog or the time limit reset it, or the power went";
  if (attempt.unmet === null)
    return "It was reset before its API had looked at health; nothing tells why";
  if (attempt.unmet.length === 0)
    return "It was healthy but reset before it was marked successful; nothing tells why";
  const names = attempt.unmet.map(({ name }) => name).join(", ");
  return `It was not healthy when it was last seen, and was reset: ${names}`;
}

function tailOf(text: string): string {
  return text.trimEnd().split("\n").slice(-LOG_LINES).join("\n");
}
