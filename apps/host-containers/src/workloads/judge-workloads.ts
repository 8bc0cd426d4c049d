import type { WorkloadList, WorkloadStatus } from "@ballast/model";
import { cgroupOf } from "./cgroup-of.ts";
import { currentOf } from "./current.ts";
import type { Plan, World } from "./plan.ts";
import type { ActualContainer, Workload } from "./workload.ts";

/** How each container is, by name. Pure. */
export function judgeWorkloads(
  world: World,
  plan: Pick<Plan, "waits" | "blocked">,
  digests: ReadonlyMap<string, string>,
): WorkloadList {
  const wanted = new Map(world.desired.map((workload) => [workload.name, workload]));
  const names = new Set([...wanted.keys(), ...world.actual.sandboxes.map(({ name }) => name)]);
  return [...names]
    .toSorted()
    .map((name) => judge(world, name, { workload: wanted.get(name), plan, digests }));
}

interface Known {
  readonly workload: Workload | undefined;
  readonly plan: Pick<Plan, "waits" | "blocked">;
  readonly digests: ReadonlyMap<string, string>;
}

function judge(world: World, name: string, { workload, plan, digests }: Known): WorkloadStatus {
  const current = workload === undefined ? undefined : currentOf(world.actual, workload);
  const newest = current?.containers[0];
  const memory = world.memories.get(name);
  const waitMs = plan.waits.get(name);
  const blocked = plan.blocked.get(name);
  const health = world.health.get(newest?.id ?? "");
  return {
    name,
    kind: "workload",
    state: stateOf(world, name, { workload, newest, isWaiting: (waitMs ?? blocked) !== undefined }),
    since: timeOf(newest?.state === "running" ? newest.createdAtMs : newest?.exit?.atMs),
    restarts: newest?.attempt ?? 0,
    exit_code: memory?.exitCode ?? null,
    health: health?.status ?? "none",
    health_reason: health?.reason ?? null,
    image: workload?.spec.image ?? null,
    digest: digests.get(newest?.imageId ?? "") ?? null,
    reason: memory?.reason ?? blocked ?? memory?.exitReason ?? memory?.staleReason ?? null,
    next_try: timeOf(waitMs),
    cgroup: newest?.state === "running" ? cgroupOf(newest.id) : null,
  };
}

interface Seen {
  readonly workload: Workload | undefined;
  readonly newest: ActualContainer | undefined;
  readonly isWaiting: boolean;
}

function stateOf(
  world: World,
  name: string,
  { workload, newest, isWaiting }: Seen,
): WorkloadStatus["state"] {
  if (workload === undefined) return "removing";
  if (newest?.state === "running") return "running";
  if (isWaiting) return "waiting";
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
