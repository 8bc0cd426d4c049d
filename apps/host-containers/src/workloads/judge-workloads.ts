import type { WorkloadList, WorkloadStatus } from "@ballast/model";
import { cgroupOf } from "./cgroup-of.ts";
import type { World } from "./plan.ts";
import type { ActualContainer, Workload } from "./workload.ts";

/** How each container is, by name; `waits` says when what failed or ended is tried again. Pure. */
export function judgeWorkloads(
  world: World,
  waits: ReadonlyMap<string, number>,
  digests: ReadonlyMap<string, string>,
): WorkloadList {
  const wanted = new Map(world.desired.map((workload) => [workload.name, workload]));
  const names = new Set([...wanted.keys(), ...world.actual.sandboxes.map(({ name }) => name)]);
  return [...names]
    .toSorted()
    .map((name) => judge(world, name, { workload: wanted.get(name), waits, digests }));
}

interface Known {
  readonly workload: Workload | undefined;
  readonly waits: ReadonlyMap<string, number>;
  readonly digests: ReadonlyMap<string, string>;
}

function judge(world: World, name: string, { workload, waits, digests }: Known): WorkloadStatus {
  const sandboxes = world.actual.sandboxes.filter((sandbox) => sandbox.name === name);
  // Of other settings, or of another boot: it says nothing of what is wanted now.
  const current = sandboxes.find(({ isReady, hash }) => isReady && hash === workload?.hash);
  const [newest] = world.actual.containers
    .filter(({ sandboxId }) => sandboxId === current?.id)
    .toSorted((a, b) => b.attempt - a.attempt);
  const memory = world.memories.get(name);
  const waitMs = waits.get(name);
  return {
    name,
    kind: "workload",
    state: stateOf(world, name, { workload, newest, waitMs }),
    since: timeOf(newest?.state === "running" ? newest.createdAtMs : newest?.exit?.atMs),
    restarts: newest?.attempt ?? 0,
    exit_code: memory?.exitCode ?? null,
    health: "none",
    health_reason: null,
    image: workload?.spec.image ?? null,
    digest: digests.get(newest?.imageId ?? "") ?? null,
    reason: memory?.reason ?? memory?.exitReason ?? memory?.staleReason ?? null,
    next_try: timeOf(waitMs),
    cgroup: newest?.state === "running" ? cgroupOf(newest.id) : null,
  };
}

interface Seen {
  readonly workload: Workload | undefined;
  readonly newest: ActualContainer | undefined;
  readonly waitMs: number | undefined;
}

function stateOf(
  world: World,
  name: string,
  { workload, newest, waitMs }: Seen,
): WorkloadStatus["state"] {
  if (workload === undefined) return "removing";
  if (newest?.state === "running") return "running";
  if (waitMs !== undefined) return "waiting";
  const isOver = newest?.state === "exited" && !world.busy.has(name);
  return isOver && workload.spec.restart !== "always" && isLeft(workload, newest)
    ? "ended"
    : "starting";
}

/** Its policy says that the end was the end. */
function isLeft({ spec }: Workload, { exit }: ActualContainer): boolean {
  return spec.restart === "never" || exit?.code === 0;
}

function timeOf(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
