import { readyShare, type Wave } from "@ballast/updates";
import type { MachineLoad } from "./machine-load.ts";

const MINUTE_MS = 60_000;
const HOUR_MINUTES = 60;
/** What is looked at in all: longer roll-outs are looked at in longer steps. */
const MAX_STEPS = 30_000;
const STEPS_MINUTES = [1, 5, 15, 60] as const;

export interface RollOut {
  readonly machines: number;
  /** How often each machine looks; their looks are spread evenly. */
  readonly checkMinutes: number;
  readonly waves: readonly Wave[];
  /** When the release is published, in milliseconds since 1970. */
  readonly startMs: number;
  readonly load: MachineLoad;
}

export interface Hour {
  /** 1 is the first after the publication. */
  readonly hour: number;
  /** Machines that begin to update in this hour, and until its end. */
  readonly updates: number;
  readonly updated: number;
  readonly bytesPerSecond: number;
  readonly requestsPerSecond: number;
}

export interface Prediction {
  readonly hours: readonly Hour[];
  /** Of one step, a minute where the roll-out is not too long. */
  readonly peak: { readonly bytesPerSecond: number; readonly requestsPerSecond: number };
  readonly totalBytes: number;
}

/**
 * How many machines update in each hour, and what they ask of the server. A machine updates when it looks first after its turn has
 * come; seeds and looks are spread evenly, so shares of machines are counted and not machines: ten million take no longer than
 * a thousand. Pure.
 */
export function rollOut(options: RollOut): Prediction {
  const { machines, checkMinutes, load } = options;
  const stepMinutes = stepOf(options);
  const updated = updatedShare(options, stepMinutes);
  const heard = heardShare(checkMinutes);
  const hours: Hour[] = [];
  const peak = { bytesPerSecond: 0, requestsPerSecond: 0 };
  let totalBytes = 0;
  let before = { updated: 0, heard: 0 };
  let hour = { bytes: 0, requests: 0, count: 0 };
  for (let minute = stepMinutes; ; minute += stepMinutes) {
    const after = { updated: updated(minute), heard: heard(minute) };
    const updates = machines * (after.updated - before.updated);
    const news = machines * (after.heard - before.heard);
    const checks = (machines * stepMinutes) / checkMinutes;
    const bytes = checks * load.checkBytes + news * load.newsBytes + updates * load.updateBytes;
    const requests =
      checks * load.checkRequests + news * load.newsRequests + updates * load.updateRequests;
    peak.bytesPerSecond = Math.max(peak.bytesPerSecond, bytes / (stepMinutes * 60));
    peak.requestsPerSecond = Math.max(peak.requestsPerSecond, requests / (stepMinutes * 60));
    totalBytes += bytes;
    before = after;
    hour = { ...hour, bytes: hour.bytes + bytes, requests: hour.requests + requests };
    if (minute % HOUR_MINUTES !== 0) continue;
    // Rounded where it is summed up, so that the hours give the machines that there are.
    const count = Math.round(machines * after.updated);
    hours.push({
      ...{ hour: minute / HOUR_MINUTES, updates: count - hour.count, updated: count },
      bytesPerSecond: hour.bytes / 3600,
      requestsPerSecond: hour.requests / 3600,
    });
    hour = { bytes: 0, requests: 0, count };
    if (after.updated >= 1) return { hours, peak, totalBytes };
  }
}

function stepOf({ waves, startMs, checkMinutes }: RollOut): number {
  const endMs = Math.max(startMs, ...waves.map((wave) => Date.parse(wave.ends_at)));
  const minutes = (endMs - startMs) / MINUTE_MS + checkMinutes;
  return STEPS_MINUTES.find((step) => minutes / step <= MAX_STEPS) ?? HOUR_MINUTES;
}

/** The share that has looked since its turn came: the mean of the share whose turn it was over one interval of looks. */
function updatedShare(
  { waves, startMs, checkMinutes }: RollOut,
  stepMinutes: number,
): (minute: number) => number {
  // In steps that are at least as fine as an interval; the last ones only, whatever long the roll-out is.
  const count = Math.max(1, Math.round(checkMinutes / stepMinutes));
  const window: number[] = [];
  let sum = 0;
  return (minute) => {
    // In the middle of the step: as many of its machines looked before their turn as after it.
    const share = readyShare(waves, startMs + (minute - stepMinutes / 2) * MINUTE_MS);
    window.push(share);
    sum += share;
    if (window.length > count) sum -= window.shift() ?? 0;
    // The end exactly: a sum of rounded numbers may never get there.
    return window.length === count && window[0] === 1 ? 1 : Math.min(1, sum / count);
  };
}

/** The share that has looked since the publication. */
function heardShare(checkMinutes: number): (minute: number) => number {
  return (minute) => Math.min(1, minute / checkMinutes);
}
