import type { Accelerator } from "./accelerator.ts";

/** How long a boot may take until the guest is healthy; emulation on a busy machine is slow, and a boot is 15 to 60 s. */
export function bootLimitMs(accelerator: Accelerator): number {
  return accelerator === "kvm" ? 90_000 : 300_000;
}

/** How long a clean shutdown may take: units get up to 90 s to stop. */
export const SHUTDOWN_LIMIT_MS = 120_000;
