import { linuxResources } from "../workloads/resources.ts";
import type { HostContainer } from "./host-container.ts";

/** Limits as the OCI runtime spec has them (config-linux.md); nothing for what has none. */
export function limitsOf(resources: HostContainer["resources"]) {
  const { cpuPeriod, cpuQuota, memoryLimitInBytes: memory } = linuxResources(resources);
  const { pids } = resources;
  return {
    ...(cpuPeriod === undefined
      ? {}
      : { cpu: { period: Number(cpuPeriod), quota: Number(cpuQuota) } }),
    // The same limit with swap: without it a container would take twice as much.
    ...(memory === undefined ? {} : { memory: { limit: Number(memory), swap: Number(memory) } }),
    ...(pids === undefined ? {} : { pids: { limit: pids } }),
  };
}
