import type { WorkloadList, WorkloadStatus } from "@ballast/model";
import { cgroupOf } from "./cgroup.ts";
import { idOf, type ActualHost, type HostContainer } from "./host-container.ts";
import type { HostWorld } from "./plan.ts";

/** How each host container is, by name; `waits` says when what failed or ended is tried again. Pure. */
export function judgeHost(
  world: HostWorld,
  waits: ReadonlyMap<string, number>,
  digests: ReadonlyMap<string, string>,
): WorkloadList {
  const wanted = new Map(world.desired.map((container) => [container.name, container]));
  const found = new Map(world.actual.map((one) => [one.name, one]));
  return [...new Set([...wanted.keys(), ...found.keys()])].toSorted().map((name) => {
    const container = wanted.get(name);
    const one = found.get(name);
    // One of other settings says nothing of what is wanted now.
    const current = one?.hash === container?.hash ? one : undefined;
    const memory = world.memories.get(name);
    const waitMs = waits.get(name);
    return {
      name,
      kind: "host",
      state: stateOf(container, current, waitMs),
      since: timeOf(current === undefined ? undefined : sinceMs(current)),
      restarts: current?.attempt ?? 0,
      exit_code: memory?.exitCode ?? null,
      health: "none",
      health_reason: null,
      image: container?.source ?? null,
      digest: digests.get(current?.imageId ?? "") ?? null,
      reason: memory?.reason ?? memory?.staleReason ?? null,
      next_try: timeOf(waitMs),
      cgroup: current?.task?.state === "running" ? cgroupOf(idOf({ kind: "host", name })) : null,
    };
  });
}

function stateOf(
  container: HostContainer | undefined,
  current: ActualHost | undefined,
  waitMs: number | undefined,
): WorkloadStatus["state"] {
  if (container === undefined) return "removing";
  if (current?.task?.state === "running") return "running";
  return waitMs === undefined ? "starting" : "waiting";
}

function sinceMs({ startedAtMs, task }: ActualHost): number | undefined {
  return task?.state === "running" ? startedAtMs : task?.exit?.atMs;
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
