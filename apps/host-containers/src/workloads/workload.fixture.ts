import { workloadHash } from "./desired.ts";
import type { Workload, WorkloadSpec } from "./workload.ts";

export const NETWORK = { subnet: "10.88.0.0/16", resolver: "10.88.0.1" } as const;

/** A spec with the defaults of the settings. */
export function specOf(more: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    image: "registry.example.org/web:1",
    enabled: true,
    privileged: false,
    "read-only-root": true,
    "allow-link-local": false,
    restart: "always",
    env: {},
    "secret-env": {},
    tmpfs: {},
    volumes: {},
    "host-paths": {},
    resources: {},
    health: {
      "interval-seconds": 10,
      "timeout-seconds": 5,
      retries: 3,
      "start-period-seconds": 30,
      "on-unhealthy": "restart",
    },
    "pre-stop": { "timeout-seconds": 30 },
    "stop-grace-seconds": 10,
    ...more,
  };
}

export function workloadOf(name: string, more: Partial<WorkloadSpec> = {}): Workload {
  const spec = specOf(more);
  return { name, spec, network: NETWORK, hash: workloadHash(spec, NETWORK) };
}
