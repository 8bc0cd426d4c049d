import { join } from "node:path";
import { logFolder, logName } from "../workloads/cri-config.ts";
import type { Places } from "../places.ts";
import type { Actual } from "../workloads/workload.ts";

/** Above this a log is begun anew. */
export const MAX_LOG_BYTES = 10 * 1024 * 1024;

/** What containerd writes the output of a container to that runs. */
export interface RunningLog {
  readonly name: string;
  readonly containerId: string;
  readonly path: string;
}

/** `rotate`: put aside, then open anew. `reopen`: only that. */
export type LogStep = "rotate" | "reopen" | undefined;

/** The logs that grow. Pure. */
export function runningLogs({ sandboxes, containers }: Actual, places: Places): RunningLog[] {
  const names = new Map(sandboxes.map(({ id, name }) => [id, name]));
  return containers.flatMap(({ id, sandboxId, state, attempt }) => {
    const name = names.get(sandboxId);
    if (state !== "running" || name === undefined) return [];
    return [{ name, containerId: id, path: join(logFolder(name, places), logName(attempt)) }];
  });
}

/**
 * What the log of a running container needs. One that is not there was put aside by a manager that ended before containerd
 * knew of it: containerd still writes to the one put aside.
 */
export function logStep(sizeBytes: number | undefined, maxBytes: number): LogStep {
  if (sizeBytes === undefined) return "reopen";
  return sizeBytes > maxBytes ? "rotate" : undefined;
}

/** Where a log is put aside. There is one such place for each log, so that the next one replaces it. */
export function asidePath(path: string): string {
  return `${path}.1`;
}
