import type { Slot } from "@ballast/model";
import { explainFailure } from "./explain-failure.ts";
import type { KernelLog } from "./kernel-logs.ts";
import type { SignpostStatus, SlotStatus } from "./signpost-answer.ts";
import type { TrialRecord } from "./trial-file.ts";

export interface SlotFacts {
  readonly status: SignpostStatus;
  /** Why the selector passed over the other slot in this boot. */
  readonly skipped: string | undefined;
  readonly logs: readonly KernelLog[];
  /** RFC 3339. */
  readonly now: string;
}

/**
 * What a boot that is not on trial makes of the record: a failure of the other slot is explained once, when it is found,
 * and kept while it holds; what has served as evidence does not serve again.
 */
export function judgeSlots(record: TrialRecord, facts: SlotFacts): TrialRecord {
  const { status, skipped, logs, now } = facts;
  if (status.active === null) return record;
  const slot = otherSlot(status.active);
  const { root_hash } = status.slots[slot];
  const former = record.last_failure;
  const isKnown = former?.slot === slot && former.root_hash === root_hash;
  const attempts = record.attempts.filter(
    (attempt) => attempt.slot === slot && attempt.root_hash === root_hash,
  );
  const unseen = logs.filter(({ id }) => !record.seen_kernel_logs.includes(id));
  const isNew = !isKnown || attempts.length > 0;
  const hasFailed = hasGivenWay(status, status.active, skipped);
  const explained =
    hasFailed && isNew
      ? explainFailure({ slot, rootHash: root_hash, skipped, attempts, logs: unseen, now })
      : isKnown && (hasFailed || isStandby(status.slots[slot]))
        ? former
        : null;
  return { attempts: [], last_failure: explained, seen_kernel_logs: logs.map(({ id }) => id) };
}

/** Whether the selector has started, or tried to start, the other slot in vain. */
function hasGivenWay(
  { slots }: SignpostStatus,
  active: Slot,
  skipped: string | undefined,
): boolean {
  const name = otherSlot(active);
  const [own, other] = [slots[active], slots[name]];
  // Nobody means it to boot: an operator has cleared it, or an upgrade was cancelled.
  if (other.priority === 0) return false;
  if (skipped !== undefined || !other.qualifies) return true;
  const isPreferred =
    other.priority > own.priority || (other.priority === own.priority && name === "A");
  return other.successful && other.tries_left === 0 && isPreferred;
}

/** The mark of the running slot gives a proven one new tries; that it failed is true all the same, until it runs again. */
function isStandby({ successful, priority }: SlotStatus): boolean {
  return successful && priority > 0;
}

export function otherSlot(slot: Slot): Slot {
  return slot === "A" ? "B" : "A";
}
