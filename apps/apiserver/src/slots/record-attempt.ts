import type { Health, Os } from "@ballast/model";
import type { Attempt, TrialRecord } from "./trial-file.ts";

/** More than a slot has tries. */
const MAX_ATTEMPTS = 8;

export interface AttemptFacts {
  readonly os: Os;
  readonly bootId: string | undefined;
  /** RFC 3339. */
  readonly now: string;
  /** Undefined: nobody has asked yet. */
  readonly health: Health | undefined;
}

/** The record with this boot in it. A boot that cannot be told from others is not recorded. */
export function recordAttempt(record: TrialRecord, facts: AttemptFacts): TrialRecord {
  const { os, bootId, now, health } = facts;
  if (bootId === undefined || os.slot === null || os.root_hash === null) return record;
  const former = record.attempts.find((attempt) => attempt.boot_id === bootId);
  const attempt: Attempt = {
    boot_id: bootId,
    slot: os.slot,
    root_hash: os.root_hash,
    version: os.version_id,
    started_at: former?.started_at ?? now,
    unmet: health === undefined ? (former?.unmet ?? null) : unmetOf(health),
  };
  const others = record.attempts.filter((other) => other !== former);
  return { ...record, attempts: [...others, attempt].slice(-MAX_ATTEMPTS) };
}

function unmetOf({ checks }: Health): { name: string; reason: string }[] {
  return checks
    .filter(({ status }) => status === "waiting" || status === "failed")
    .map(({ name, reason }) => ({ name, reason: reason ?? "no reason given" }));
}
