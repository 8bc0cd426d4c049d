import type { UpdatesStatus } from "@ballast/model";
import type { UpdateAgentConfig } from "@ballast/model";
import { NO_MEMORY, type ScheduleMemory } from "./memory.ts";
import type { Machine } from "./machine.ts";
import type { Situation } from "./what-to-do.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export const CONFIG: UpdateAgentConfig = {
  metadata_url: "https://updates.example.org/metadata",
  targets_url: null,
  seed: 7,
  version_lock: "latest",
  ignore_waves: false,
  automatic: "reboot",
  window: null,
  jitter_minutes: 0,
  max_bytes_per_second: null,
  reboot_inhibit_limit_minutes: 60,
};

const image = (version: string) => ({ arch: "x86_64", variant: "standalone", version });

/** A status of a machine that runs 1.0.0. */
export function statusOf(
  update_state: UpdatesStatus["update_state"],
  { chosen, written, ...more }: Partial<UpdatesStatus> & { chosen?: string; written?: string } = {},
): UpdatesStatus {
  const isReady = update_state === "Ready";
  return {
    update_state,
    available_updates: chosen === undefined ? [] : [chosen],
    chosen_update: chosen === undefined ? null : image(chosen),
    active_partition: { image: image("1.0.0"), next_to_boot: !isReady },
    staging_partition:
      written === undefined ? null : { image: image(written), next_to_boot: isReady },
    most_recent_command: null,
    progress: null,
    releases: [],
    failed: [],
    checked_at: null,
    pull_back: false,
    inhibitors: [],
    ...more,
  };
}

export const MACHINE: Machine = {
  isProven: true,
  isCommitWaiting: false,
  health: { status: "healthy", checks: [{ name: "state", status: "ok" }] },
};

export const CHECKED: ScheduleMemory = { ...NO_MEMORY, checked_at_ms: HOUR };

/** A machine in its second hour that has just looked for updates. */
export function situation(changes: Partial<Situation> = {}): Situation {
  return {
    nowMs: Date.parse("2026-06-03T12:00:00Z"),
    upMs: HOUR + MINUTE,
    config: CONFIG,
    status: statusOf("Idle"),
    memory: CHECKED,
    objections: [],
    machine: MACHINE,
    rebootsBefore: 0,
    ...changes,
  };
}
