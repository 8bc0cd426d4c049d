import { publishedPorts } from "./published-ports.ts";
import { isReplacedUnhealthy } from "../health/check.ts";
import type { CheckState } from "../health/check-state.ts";
import { currentOf, type Current } from "./current.ts";
import { delayMs, type Memory } from "./memory.ts";
import { stopOrder } from "../drain/stop-order.ts";
import { waitsFor } from "./requirements.ts";
import type { Actual, ActualContainer, Workload } from "./workload.ts";

export type Action =
  | { readonly do: "remove-sandbox"; readonly name: string; readonly sandboxId: string }
  | { readonly do: "prepare-image"; readonly name: string; readonly workload: Workload }
  | { readonly do: "create-sandbox"; readonly name: string; readonly workload: Workload }
  | {
      readonly do: "create-container";
      readonly name: string;
      readonly workload: Workload;
      readonly sandboxId: string;
      readonly attempt: number;
      readonly imageId: string;
    }
  | { readonly do: "start-container"; readonly name: string; readonly containerId: string }
  | { readonly do: "remove-container"; readonly name: string; readonly containerId: string };

export interface World {
  readonly desired: readonly Workload[];
  readonly actual: Actual;
  readonly memories: ReadonlyMap<string, Memory>;
  /** Of containers that run and have a check, by id. */
  readonly health: ReadonlyMap<string, CheckState>;
  /** Names for which an action is under way. */
  readonly busy: ReadonlySet<string>;
  readonly nowMs: number;
}

export interface Plan {
  /** At most one for a name: the next one follows from what the first one made. */
  readonly actions: readonly Action[];
  /** When there is something to do that is not due yet. */
  readonly wakeAtMs: number | undefined;
  /** The same by name. */
  readonly waits: ReadonlyMap<string, number>;
  /** By name, why something else must happen first. */
  readonly blocked: ReadonlyMap<string, string>;
}

/** What is a step of one name now, or when there may be one. */
type Step =
  | Action
  | { readonly do: "wait"; readonly untilMs: number }
  | { readonly do: "block"; readonly reason: string }
  | undefined;

/**
 * The steps from what is to what is wanted. Each is right whatever came before, so a manager that starts anew, or that lost
 * count, goes on where the old one stopped.
 */
export function plan(world: World): Plan {
  const wanted = new Map(world.desired.map((workload) => [workload.name, workload]));
  const names = new Set([...wanted.keys(), ...world.actual.sandboxes.map(({ name }) => name)]);
  const actions: Action[] = [];
  const waits = new Map<string, number>();
  const blocked = new Map<string, string>();
  for (const name of names) {
    if (world.busy.has(name)) continue;
    const step = notBefore(world, name, nextStep(world, name, wanted.get(name)));
    if (step?.do === "wait") waits.set(name, step.untilMs);
    else if (step?.do === "block") blocked.set(name, step.reason);
    else if (step !== undefined) actions.push(step);
  }
  const wakeAtMs = waits.size === 0 ? undefined : Math.min(...waits.values());
  return { actions, waits, blocked, wakeAtMs };
}

/** After a failure nothing is done for the name for a while. */
function notBefore({ memories, nowMs }: World, name: string, step: Step): Step {
  const retryAtMs = memories.get(name)?.retryAtMs ?? 0;
  if (step === undefined || step.do === "wait" || step.do === "block") return step;
  if (retryAtMs <= nowMs) return step;
  return { do: "wait", untilMs: retryAtMs };
}

function nextStep(world: World, name: string, workload: Workload | undefined): Step {
  const current = workload === undefined ? undefined : currentOf(world.actual, workload);
  const old = world.actual.sandboxes.find(
    (sandbox) => sandbox.name === name && sandbox !== current?.sandbox,
  );
  if (workload === undefined && isRequiredByLeaving(world, name)) return undefined;
  if (old !== undefined) return { do: "remove-sandbox", name, sandboxId: old.id };
  if (workload === undefined) return undefined;
  if (current === undefined) return firstSteps(world, workload);
  return containerStep(world, workload, current);
}

function firstSteps(world: World, workload: Workload): Step {
  const { name } = workload;
  if (world.memories.get(name)?.imageId === undefined)
    return { do: "prepare-image", name, workload };
  const reason = waitsFor(world, workload);
  if (reason !== undefined) return { do: "block", reason };
  // The one that has its port now goes first, if it goes: its own step is under way or comes next.
  if (isPortTaken(world, workload)) return undefined;
  return { do: "create-sandbox", name, workload };
}

/** Whether one that goes too, and whose own step is under way or comes next, must go before. One that fails to go is not waited for. */
function isRequiredByLeaving({ desired, actual, memories }: World, name: string): boolean {
  const wanted = new Set(desired.map((workload) => workload.name));
  const leaving = actual.sandboxes.filter((sandbox) => !wanted.has(sandbox.name));
  const requires = new Map(leaving.map((one) => [one.name, one.requires ?? []]));
  const before = stopOrder([name], requires).get(name) ?? [];
  return before.some((one) => (memories.get(one)?.failures ?? 0) === 0);
}

function isPortTaken({ actual }: World, { name, spec }: Workload): boolean {
  const ports = new Set(publishedPorts(spec));
  return actual.sandboxes.some(
    (sandbox) => sandbox.name !== name && sandbox.ports.some((port) => ports.has(port)),
  );
}

function containerStep(
  world: World,
  workload: Workload,
  { sandbox, containers: [newest, ...older] }: Current,
): Step {
  const { name } = workload;
  const memory = world.memories.get(name);
  const create = (attempt: number): Step => {
    const imageId = memory?.imageId ?? (memory?.isImageGone === true ? undefined : newest?.imageId);
    return imageId === undefined
      ? { do: "prepare-image", name, workload }
      : { do: "create-container", name, workload, sandboxId: sandbox.id, attempt, imageId };
  };
  const [oldest] = older;
  if (oldest !== undefined) return { do: "remove-container", name, containerId: oldest.id };
  // What was started once is started again whatever became of what it requires.
  const reason = (newest?.attempt ?? 0) === 0 ? waitsFor(world, workload) : undefined;
  if (newest === undefined) return reason === undefined ? create(0) : { do: "block", reason };
  const { id: containerId, state, exit, attempt } = newest;
  switch (state) {
    case "running": {
      const dueMs = replacementDueMs(world, workload, newest);
      // The new one is created beside it, and started when it has gone.
      return dueMs === undefined ? undefined : due(world, dueMs, create(attempt + 1));
    }
    case "created":
      return reason === undefined
        ? { do: "start-container", name, containerId }
        : { do: "block", reason };
    case "unknown":
      return { do: "remove-container", name, containerId };
    case "exited":
      break;
  }
  if (!isRestarted(workload, exit?.code ?? 0)) return undefined;
  // The ended one stays until the next one is there: it holds the count of restarts.
  return due(world, restartDueMs(world, name, exit?.atMs ?? 0), create(attempt + 1));
}

function due({ nowMs }: World, untilMs: number, step: Step): Step {
  return untilMs > nowMs ? { do: "wait", untilMs } : step;
}

/** When a container that runs but is unhealthy is replaced. */
function replacementDueMs(
  world: World,
  { name, spec }: Workload,
  { id }: ActualContainer,
): number | undefined {
  const sinceMs = world.health.get(id)?.unhealthySinceMs;
  if (sinceMs === undefined || !isReplacedUnhealthy(spec)) return undefined;
  return restartDueMs(world, name, sinceMs);
}

function isRestarted({ spec }: Workload, exitCode: number): boolean {
  return spec.restart === "always" || (spec.restart === "on-failure" && exitCode !== 0);
}

function restartDueMs({ memories, nowMs }: World, name: string, endedAtMs: number): number {
  const delay = delayMs(memories.get(name)?.exits ?? 0);
  // A clock that was set back must not make the wait longer than it is.
  return Math.min(endedAtMs, nowMs) + delay;
}
