import { publishedPorts } from "./published-ports.ts";
import { delayMs, type Memory } from "./memory.ts";
import type { Actual, ActualContainer, ActualSandbox, Workload } from "./workload.ts";

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
}

/** What is a step of one name now, or the time when there may be one. */
type Step = Action | { readonly do: "wait"; readonly untilMs: number } | undefined;

/**
 * The steps from what is to what is wanted. Each is right whatever came before, so a manager that starts anew, or that lost
 * count, goes on where the old one stopped.
 */
export function plan(world: World): Plan {
  const wanted = new Map(world.desired.map((workload) => [workload.name, workload]));
  const names = new Set([...wanted.keys(), ...world.actual.sandboxes.map(({ name }) => name)]);
  const actions: Action[] = [];
  const waits = new Map<string, number>();
  for (const name of names) {
    if (world.busy.has(name)) continue;
    const step = notBefore(world, name, nextStep(world, name, wanted.get(name)));
    if (step?.do === "wait") waits.set(name, step.untilMs);
    else if (step !== undefined) actions.push(step);
  }
  return { actions, waits, wakeAtMs: waits.size === 0 ? undefined : Math.min(...waits.values()) };
}

/** After a failure nothing is done for the name for a while. */
function notBefore({ memories, nowMs }: World, name: string, step: Step): Step {
  const retryAtMs = memories.get(name)?.retryAtMs ?? 0;
  if (step === undefined || step.do === "wait" || retryAtMs <= nowMs) return step;
  return { do: "wait", untilMs: retryAtMs };
}

function nextStep(world: World, name: string, workload: Workload | undefined): Step {
  const sandboxes = world.actual.sandboxes.filter((sandbox) => sandbox.name === name);
  const current = sandboxes.find((sandbox) => isCurrent(sandbox, workload));
  const old = sandboxes.find((sandbox) => sandbox !== current);
  if (old !== undefined) return { do: "remove-sandbox", name, sandboxId: old.id };
  if (workload === undefined) return undefined;
  if (current === undefined) return firstSteps(world, workload);
  const containers = world.actual.containers
    .filter(({ sandboxId }) => sandboxId === current.id)
    .toSorted((a, b) => b.attempt - a.attempt);
  return containerStep(world, workload, current, containers);
}

function isCurrent(sandbox: ActualSandbox, workload: Workload | undefined): boolean {
  return sandbox.isReady && sandbox.hash === workload?.hash;
}

function firstSteps(world: World, workload: Workload): Step {
  const { name } = workload;
  if (world.memories.get(name)?.imageId === undefined)
    return { do: "prepare-image", name, workload };
  // The one that has its port now goes first, if it goes: its own step is under way or comes next.
  if (isPortTaken(world, workload)) return undefined;
  return { do: "create-sandbox", name, workload };
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
  sandbox: ActualSandbox,
  [newest, ...older]: readonly ActualContainer[],
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
  if (newest === undefined) return create(0);
  const { id: containerId, state, exit, attempt } = newest;
  switch (state) {
    case "running":
      return undefined;
    case "created":
      return { do: "start-container", name, containerId };
    case "unknown":
      return { do: "remove-container", name, containerId };
    case "exited":
      break;
  }
  if (!isRestarted(workload, exit?.code ?? 0)) return undefined;
  const dueMs = restartDueMs(world, name, exit?.atMs ?? 0);
  // The ended one stays until the next one is there: it holds the count of restarts.
  return dueMs > world.nowMs ? { do: "wait", untilMs: dueMs } : create(attempt + 1);
}

function isRestarted({ spec }: Workload, exitCode: number): boolean {
  return spec.restart === "always" || (spec.restart === "on-failure" && exitCode !== 0);
}

function restartDueMs({ memories, nowMs }: World, name: string, endedAtMs: number): number {
  const delay = delayMs(memories.get(name)?.exits ?? 0);
  // A clock that was set back must not make the wait longer than it is.
  return Math.min(endedAtMs, nowMs) + delay;
}
