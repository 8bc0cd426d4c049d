import type { UpdatesStatus } from "@ballast/model";

/** A machine on 1.0.0 that knows of nothing. */
export function updatesStatus(changes: Partial<UpdatesStatus> = {}): UpdatesStatus {
  const image = { arch: "x86_64", version: "1.0.0", variant: "standalone" };
  return {
    update_state: "Idle",
    available_updates: [],
    chosen_update: null,
    active_partition: { image, next_to_boot: true },
    staging_partition: null,
    most_recent_command: null,
    progress: null,
    releases: [],
    failed: [],
    checked_at: null,
    pull_back: false,
    inhibitors: [],
    ...changes,
  };
}

export const PREPARING = {
  command: "prepare",
  phase: "write",
  done_bytes: 10,
  total_bytes: 100,
  fetched_bytes: 5,
  bytes_per_second: 5,
  remaining_seconds: 18,
} as const;
