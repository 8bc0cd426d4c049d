import { isReplacedUnhealthy } from "../health/check.ts";
import type { CheckState } from "../health/check-state.ts";
import type { PreparedImage } from "../images/prepare-image.ts";
import type { Actual, ActualContainer, Workload } from "./workload.ts";

/** Restarts and retries wait 1 s, 2 s, 4 s … and at most this long. */
export const MAX_DELAY_MS = 300_000;
const FIRST_DELAY_MS = 1000;
/** A container that ran this long did not end for the reason that the one before it ended. */
export const STABLE_MS = 600_000;

/**
 * What the manager knows of a name besides what containerd knows. It is lost with the manager, and then only waiting begins
 * anew.
 */
export interface Memory {
  /** What it is about; with another spec everything is tried anew at once. */
  readonly hash: string | undefined;
  /** The image of the spec: by its id, so that a tag that moves changes nothing under what runs. */
  readonly imageId?: string;
  /** Why the image may not be the newest. */
  readonly staleReason?: string;
  /** Whether containerd has lost the image of what ran before. */
  readonly isImageGone: boolean;
  /** Actions that failed since one led to a container that started, and when the next may begin. */
  readonly failures: number;
  /** Of the last of them; without secrets. */
  readonly reason?: string;
  readonly retryAtMs: number;
  /** Ends of containers one after another, and the last one that was counted. */
  readonly exits: number;
  readonly countedExit?: string;
  /** What the last one ended with. */
  readonly exitCode?: number;
  /** Why it ended, where that is not its own doing. */
  readonly exitReason?: string;
}

export function freshMemory(hash: string | undefined): Memory {
  return { hash, isImageGone: false, failures: 0, retryAtMs: 0, exits: 0 };
}

export function delayMs(count: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, count - 1), MAX_DELAY_MS);
}

/** Counts the end of the newest container, once. */
export function noticeExit(
  memory: Memory,
  { id, exit }: Pick<ActualContainer, "id" | "exit">,
): Memory {
  if (exit === undefined) return memory;
  const { exitReason: _, ...rest } = memory;
  const reason = exit.reason === undefined ? {} : { exitReason: exit.reason };
  const known = { ...rest, ...reason, exitCode: exit.code };
  if (memory.countedExit === id) return known;
  const wasStable = exit.atMs - exit.startedAtMs >= STABLE_MS;
  return { ...known, exits: wasStable ? 1 : memory.exits + 1, countedExit: id };
}

/** Counts a container that is to be replaced as if it had ended when it became unhealthy, once. */
export function noticeUnhealthy(
  memory: Memory,
  { id, createdAtMs }: ActualContainer,
  sinceMs: number,
): Memory {
  if (memory.countedExit === id) return memory;
  const wasStable = sinceMs - createdAtMs >= STABLE_MS;
  return { ...memory, exits: wasStable ? 1 : memory.exits + 1, countedExit: id };
}

/** `spread` is from 0 to 1: machines that failed together do not come back together. */
export function noticeFailure(
  memory: Memory,
  reason: string,
  nowMs: number,
  spread: number,
): Memory {
  const failures = memory.failures + 1;
  return { ...memory, failures, reason, retryAtMs: nowMs + delayMs(failures) * (1 + spread / 2) };
}

export function noticeImage(memory: Memory, { id, staleReason }: PreparedImage): Memory {
  const { staleReason: _, ...rest } = memory;
  const stale = staleReason === undefined ? {} : { staleReason };
  return { ...rest, ...stale, imageId: id, isImageGone: false };
}

export function noticeImageGone(memory: Memory): Memory {
  const { imageId: gone, ...rest } = memory;
  return gone === undefined ? { ...memory, isImageGone: true } : { ...rest, isImageGone: true };
}

/** Of what ends a chain of steps: its failures are over. */
export function noticeSuccess(memory: Memory): Memory {
  const { reason: _, ...rest } = memory;
  return { ...rest, failures: 0, retryAtMs: 0 };
}

/**
 * The memories for what is there and wanted now: new for what is new or has changed, and every end counted. `exitCodes` are
 * those that the manager before this one knew; they hold for what was made from the present settings.
 */
export function remember(
  before: ReadonlyMap<string, Memory>,
  desired: readonly Workload[],
  { sandboxes, containers }: Actual,
  health: ReadonlyMap<string, CheckState>,
  exitCodes: ReadonlyMap<string, number> = new Map(),
): Map<string, Memory> {
  const wanted = new Map(desired.map((workload) => [workload.name, workload]));
  const names = new Set([...wanted.keys(), ...sandboxes.map(({ name }) => name)]);
  return new Map(
    [...names].map((name) => {
      const workload = wanted.get(name);
      const hash = workload?.hash;
      const known = before.get(name);
      const isMade = sandboxes.some((sandbox) => sandbox.name === name && sandbox.hash === hash);
      const exitCode = known === undefined && isMade ? exitCodes.get(name) : undefined;
      const fresh = { ...freshMemory(hash), ...(exitCode === undefined ? {} : { exitCode }) };
      const memory = known === undefined || known.hash !== hash ? fresh : known;
      const newest = newestOf(name, sandboxes, containers);
      if (newest === undefined) return [name, memory];
      const sinceMs = health.get(newest.id)?.unhealthySinceMs;
      const isToGo = workload !== undefined && isReplacedUnhealthy(workload.spec);
      const counted =
        isToGo && sinceMs !== undefined ? noticeUnhealthy(memory, newest, sinceMs) : memory;
      return [name, noticeExit(counted, newest)];
    }),
  );
}

function newestOf(
  name: string,
  sandboxes: Actual["sandboxes"],
  containers: Actual["containers"],
): ActualContainer | undefined {
  const ids = sandboxes.filter((sandbox) => sandbox.name === name).map(({ id }) => id);
  return containers
    .filter(({ sandboxId }) => ids.includes(sandboxId))
    .toSorted((a, b) => b.attempt - a.attempt)[0];
}
