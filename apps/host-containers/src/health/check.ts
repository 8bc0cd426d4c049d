import type { WorkloadSpec } from "../workloads/workload.ts";

/** What is asked, and when. */
export interface Check {
  readonly target: CheckTarget;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly retries: number;
  readonly startPeriodMs: number;
}

export type CheckTarget =
  | { readonly kind: "exec"; readonly command: readonly string[] }
  | { readonly kind: "http"; readonly port: number; readonly path: string }
  | { readonly kind: "tcp"; readonly port: number };

/** The check that the settings ask for. */
export function checkOf({ health }: WorkloadSpec): Check | undefined {
  const target = targetOf(health);
  if (target === undefined) return undefined;
  return {
    target,
    intervalMs: health["interval-seconds"] * 1000,
    timeoutMs: health["timeout-seconds"] * 1000,
    retries: health.retries,
    startPeriodMs: health["start-period-seconds"] * 1000,
  };
}

function targetOf({ command, port, path }: WorkloadSpec["health"]): CheckTarget | undefined {
  if (command !== undefined) return { kind: "exec", command };
  if (port === undefined) return undefined;
  return path === undefined ? { kind: "tcp", port } : { kind: "http", port, path };
}

/** Whether one that is unhealthy is replaced by a new one. */
export function isReplacedUnhealthy({ health, restart }: WorkloadSpec): boolean {
  return restart !== "never" && health["on-unhealthy"] === "restart";
}
