import type { WorkloadSpec } from "./workload.ts";

const CPU_PERIOD_US = 100_000;
/** The kernel's least. */
const CPU_QUOTA_MIN_US = 1000;
const MEMORY_UNITS: Readonly<Record<string, bigint>> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
};

/** Limits as the CRI has them. Values were checked by the schema of the settings. */
export function linuxResources({ cpu, memory, pids }: WorkloadSpec["resources"]) {
  return {
    ...(cpu === undefined ? {} : { cpuPeriod: BigInt(CPU_PERIOD_US), cpuQuota: cpuQuota(cpu) }),
    // The same limit with swap: without it a container would take twice as much.
    ...(memory === undefined
      ? {}
      : {
          memoryLimitInBytes: memoryBytes(memory),
          memorySwapLimitInBytes: memoryBytes(memory),
        }),
    // The CRI has no field for it; this one goes to the control group as it is.
    ...(pids === undefined ? {} : { unified: { "pids.max": String(pids) } }),
  };
}

function cpuQuota(cpu: string): bigint {
  const cpus = cpu.endsWith("m") ? Number(cpu.slice(0, -1)) / 1000 : Number(cpu);
  return BigInt(Math.max(CPU_QUOTA_MIN_US, Math.round(cpus * CPU_PERIOD_US)));
}

/** Of a size that the schema of the settings has checked. */
export function memoryBytes(memory: string): bigint {
  return BigInt(memory.slice(0, -2)) * (MEMORY_UNITS[memory.slice(-2)] ?? 1n);
}
