import { delayMs, type Memory } from "../workloads/memory.ts";
import type { ActualHost, HostContainer } from "./host-container.ts";

export type HostAction =
  | { readonly do: "prepare-image"; readonly name: string; readonly container: HostContainer }
  /** Makes what is missing of it and starts it; what is left of a former run goes. */
  | {
      readonly do: "run";
      readonly name: string;
      readonly container: HostContainer;
      readonly imageId: string;
      readonly attempt: number;
    }
  /** Takes up the output of one that a former manager started. */
  | { readonly do: "adopt"; readonly name: string }
  | { readonly do: "remove"; readonly name: string };

export interface HostWorld {
  readonly desired: readonly HostContainer[];
  readonly actual: readonly ActualHost[];
  readonly memories: ReadonlyMap<string, Memory>;
  /** Names whose output is read. */
  readonly attached: ReadonlySet<string>;
  /** Names for which an action is under way. */
  readonly busy: ReadonlySet<string>;
  readonly nowMs: number;
}

export interface HostPlan {
  /** At most one for a name: the next one follows from what the first one made. */
  readonly actions: readonly HostAction[];
  /** When there is something to do that is not due yet, by name. */
  readonly waits: ReadonlyMap<string, number>;
}

type Step = HostAction | { readonly do: "wait"; readonly untilMs: number } | undefined;

/** The steps from what is to what is wanted; each follows from what is alone, as those of workloads do. */
export function planHost(world: HostWorld): HostPlan {
  const wanted = new Map(world.desired.map((container) => [container.name, container]));
  const found = new Map(world.actual.map((one) => [one.name, one]));
  const actions: HostAction[] = [];
  const waits = new Map<string, number>();
  for (const name of new Set([...wanted.keys(), ...found.keys()])) {
    if (world.busy.has(name)) continue;
    const step = notBefore(world, name, nextStep(world, name, wanted.get(name), found.get(name)));
    if (step?.do === "wait") waits.set(name, step.untilMs);
    else if (step !== undefined) actions.push(step);
  }
  return { actions, waits };
}

/** After a failure nothing is done for the name for a while. */
function notBefore({ memories, nowMs }: HostWorld, name: string, step: Step): Step {
  const retryAtMs = memories.get(name)?.retryAtMs ?? 0;
  if (step === undefined || step.do === "wait" || retryAtMs <= nowMs) return step;
  return { do: "wait", untilMs: retryAtMs };
}

function nextStep(
  world: HostWorld,
  name: string,
  container: HostContainer | undefined,
  found: ActualHost | undefined,
): Step {
  if (found !== undefined && found.hash !== container?.hash) return { do: "remove", name };
  if (container === undefined) return undefined;
  if (found?.task?.state === "running")
    return world.attached.has(name) ? undefined : { do: "adopt", name };
  const { task } = found ?? {};
  if (task?.state === "stopped") {
    const dueMs = restartDueMs(world, name, task.exit?.atMs ?? 0);
    if (dueMs > world.nowMs) return { do: "wait", untilMs: dueMs };
  }
  return runStep(world, container, found);
}

/** A restart keeps its image; what is new, or comes back after a reboot, looks for a newer one. */
function runStep(
  { memories }: HostWorld,
  container: HostContainer,
  found: ActualHost | undefined,
): Step {
  const { name } = container;
  const memory = memories.get(name);
  const hasRun = found?.task?.state === "stopped";
  const kept = hasRun && memory?.isImageGone !== true ? found.imageId : undefined;
  const imageId = memory?.imageId ?? kept;
  if (imageId === undefined) return { do: "prepare-image", name, container };
  const attempt = (found?.attempt ?? 0) + (hasRun ? 1 : 0);
  return { do: "run", name, container, imageId, attempt };
}

function restartDueMs({ memories, nowMs }: HostWorld, name: string, endedAtMs: number): number {
  // A clock that was set back must not make the wait longer than it is.
  return Math.min(endedAtMs, nowMs) + delayMs(memories.get(name)?.exits ?? 0);
}
