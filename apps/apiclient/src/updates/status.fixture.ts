import type { UpdatePlan, UpdateProgress, UpdatesStatus } from "@ballast/model";

export function image(version: string) {
  return { arch: "x86_64", version, variant: "standalone" };
}

export const IDLE: UpdatesStatus = {
  update_state: "Idle",
  available_updates: [],
  chosen_update: null,
  active_partition: { image: image("1.2.3"), next_to_boot: true },
  staging_partition: null,
  most_recent_command: null,
  progress: null,
  releases: [],
  failed: [],
  checked_at: "2026-05-01T11:30:00.123Z",
  pull_back: false,
  inhibitors: [],
};

/** Changes of {@link IDLE}. */
export const AVAILABLE: Partial<UpdatesStatus> = {
  update_state: "Available",
  available_updates: ["1.3.0"],
  chosen_update: image("1.3.0"),
};

export const STAGED: Partial<UpdatesStatus> = {
  ...AVAILABLE,
  update_state: "Staged",
  staging_partition: { image: image("1.3.0"), next_to_boot: false },
};

export const READY: Partial<UpdatesStatus> = {
  ...AVAILABLE,
  update_state: "Ready",
  staging_partition: { image: image("1.3.0"), next_to_boot: true },
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

const planned = { size_bytes: 200_000_000, fetch_bytes: 12_000_000, local_bytes: 180_000_000 };

export const PLAN: UpdatePlan = {
  version: "1.3.0",
  current: "1.2.3",
  downgrade: false,
  images: { boot: planned, root: planned, hash: planned },
  bytes_to_fetch: 12_000_000,
  bytes_from_this_machine: 180_000_000,
  space: [
    { partition: "BALLAST-ROOT-B", needed_bytes: 200_000_000, available_bytes: 512 * 1024 ** 2 },
  ],
  settings_migrations: null,
  services: ["all"],
  obstacles: [],
};
