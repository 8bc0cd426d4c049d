import type { Check } from "./check.ts";

/** While it has not been healthy, a container is asked so often: others may wait for it. */
const STARTING_INTERVAL_MS = 1000;

/** How a container that runs is, by what its checks said one after another. */
export interface CheckState {
  readonly status: "starting" | "healthy" | "unhealthy";
  /** Checks that failed since the last one that succeeded, and that count. */
  readonly failures: number;
  /** Of the last check, if it failed. */
  readonly reason: string | undefined;
  /** When it became unhealthy, by the machine's clock. */
  readonly unhealthySinceMs: number | undefined;
}

export const FRESH: CheckState = {
  status: "starting",
  failures: 0,
  reason: undefined,
  unhealthySinceMs: undefined,
};

/** What one check found: how it failed, or that it did not. */
export type Finding =
  | { readonly isGood: true }
  | { readonly isGood: false; readonly reason: string };

export interface Moment {
  /** Since the container was seen to run. */
  readonly ageMs: number;
  readonly nowMs: number;
}

/** The state after one more check. Within the start period failures do not count until a check has succeeded. */
export function noticeFinding(
  before: CheckState,
  finding: Finding,
  { retries, startPeriodMs }: Check,
  { ageMs, nowMs }: Moment,
): CheckState {
  if (finding.isGood)
    return { status: "healthy", failures: 0, reason: undefined, unhealthySinceMs: undefined };
  const { reason } = finding;
  if (before.status === "starting" && ageMs < startPeriodMs) return { ...before, reason };
  const failures = before.failures + 1;
  if (failures < retries) return { ...before, failures, reason };
  const unhealthySinceMs = before.unhealthySinceMs ?? nowMs;
  return { status: "unhealthy", failures, reason, unhealthySinceMs };
}

/** From the end of a check to the next one. */
export function pauseMs(
  { status }: CheckState,
  { intervalMs, startPeriodMs }: Check,
  ageMs: number,
): number {
  const isStarting = status === "starting" && ageMs < startPeriodMs;
  return isStarting ? Math.min(intervalMs, STARTING_INTERVAL_MS) : intervalMs;
}
