import { currentOf } from "./current.ts";
import type { World } from "./plan.ts";
import type { Workload } from "./workload.ts";
import { checkOf } from "../health/check.ts";

/** Why a workload may not be started for the first time: the first of those it requires that is not there yet. */
export function waitsFor(world: World, { spec: { requires = [] } }: Workload): string | undefined {
  for (const name of requires) {
    const required = world.desired.find((workload) => workload.name === name);
    // One that is not to run is not among what is wanted; the settings' own rule knows of no other.
    if (required === undefined) return `waits for ${name}, which is disabled`;
    if (!isThere(world, required)) return `waits for ${name}`;
  }
  return undefined;
}

function isThere({ actual, health }: World, workload: Workload): boolean {
  const { spec } = workload;
  const newest = currentOf(actual, workload)?.containers[0];
  if (newest?.state === "exited") return spec.restart !== "always" && newest.exit?.code === 0;
  if (newest?.state !== "running") return false;
  // What runs once has done its work when it has ended, unless its check says that it is ready before.
  if (checkOf(spec) === undefined) return spec.restart !== "never";
  return health.get(newest.id)?.status === "healthy";
}
