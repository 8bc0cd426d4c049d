import { hashOf } from "../hash-of.ts";
import type { Workload, WorkloadSpec } from "./workload.ts";

/** A spec with the defaults of the settings. */
export function specOf(more: Partial<WorkloadSpec> = {}): WorkloadSpec {
  return {
    image: "registry.example.org/web:1",
    enabled: true,
    privileged: false,
    "read-only-root": true,
    restart: "always",
    env: {},
    "secret-env": {},
    tmpfs: {},
    volumes: {},
    "host-paths": {},
    resources: {},
    ...more,
  };
}

export function workloadOf(name: string, more: Partial<WorkloadSpec> = {}): Workload {
  const spec = specOf(more);
  return { name, spec, hash: hashOf(spec) };
}
