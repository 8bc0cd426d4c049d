import type { UpdatePlan, UpdateProgress, UpdatesStatus } from "@ballast/model";

const image = (version: string) => ({ arch: "x86_64", version, variant: "test" });

/** What the update agent leaves on a machine that runs 1.2.3 and knows of nothing. */
export function updatesStatus(changes: Partial<UpdatesStatus> = {}): UpdatesStatus {
  return {
    update_state: "Idle",
    available_updates: [],
    chosen_update: null,
    active_partition: { image: image("1.2.3"), next_to_boot: true },
    staging_partition: null,
    most_recent_command: null,
    progress: null,
    releases: [],
    failed: [],
    checked_at: "2026-05-01T11:30:00Z",
    pull_back: false,
    inhibitors: [],
    ...changes,
  };
}

/** 1.3.0 is there to be had. */
export const AVAILABLE: Partial<UpdatesStatus> = {
  update_state: "Available",
  available_updates: ["1.3.0"],
  chosen_update: image("1.3.0"),
  releases: [
    { version: "1.3.0", obstacle: null },
    { version: "1.2.3", obstacle: { kind: "current" } },
  ],
};

export const STAGED: Partial<UpdatesStatus> = {
  ...AVAILABLE,
  update_state: "Staged",
  staging_partition: { image: image("1.3.0"), next_to_boot: false },
};

export const READY: Partial<UpdatesStatus> = {
  ...AVAILABLE,
  update_state: "Ready",
  active_partition: { image: image("1.2.3"), next_to_boot: false },
  staging_partition: { image: image("1.3.0"), next_to_boot: true },
};

/** There is nothing to do. */
export const NO_PLAN: UpdatePlan = {
  ...{ version: null, current: "1.2.3", downgrade: false, images: null },
  ...{ bytes_to_fetch: 0, bytes_from_this_machine: 0, space: [], settings_migrations: null },
  ...{ services: [], obstacles: [] },
};

export const WRITING: UpdateProgress = {
  command: "prepare",
  phase: "write",
  done_bytes: 50_000_000,
  total_bytes: 200_000_000,
  fetched_bytes: 12_000_000,
  bytes_per_second: 5_000_000,
  remaining_seconds: 30,
};
