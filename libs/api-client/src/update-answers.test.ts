import { UpdateBundle, UpdatePlan, UpdatesStatus } from "@ballast/model";
import { describe, expect, it } from "vitest";
import { parseUpdateBundle, parseUpdatePlan, parseUpdatesStatus } from "./update-answers.ts";

const image = { arch: "x86_64", version: "1.0.0", variant: "standalone" };
const idle = {
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
};
const progress = {
  command: "prepare",
  phase: "read-back",
  done_bytes: 1,
  total_bytes: 2,
  fetched_bytes: 3,
  bytes_per_second: 4,
  remaining_seconds: null,
};
const obstacles = [
  { kind: "current" },
  { kind: "older" },
  { kind: "failed-here" },
  { kind: "withdrawn", max_version: "1.0.0" },
  { kind: "locked", version: "1.0.0" },
  { kind: "selector", needs: 4 },
  { kind: "wave", ready_at: "2026-01-01T00:00:00Z" },
];
const busy = {
  ...idle,
  update_state: "Ready",
  available_updates: ["1.1.0"],
  chosen_update: image,
  staging_partition: { image, next_to_boot: false },
  most_recent_command: {
    ...{ cmd_type: "prepare", cmd_status: "Failed", timestamp: "t", exit_status: 1, stderr: "no" },
  },
  progress,
  releases: [null, ...obstacles].map((obstacle) => ({ version: "1.1.0", obstacle })),
  failed: [{ version: "1.1.0", root_hash: "aa", at: "t", reason: "r" }],
  checked_at: "t",
  pull_back: true,
  inhibitors: [{ who: "w", why: "y", until: "t" }],
};
const planned = { size_bytes: 1, fetch_bytes: 2, local_bytes: 3 };
const plan = {
  version: "1.1.0",
  current: "1.0.0",
  downgrade: false,
  images: { boot: planned, root: planned, hash: planned },
  bytes_to_fetch: 6,
  bytes_from_this_machine: 9,
  space: [{ partition: "p", needed_bytes: 1, available_bytes: 2 }],
  settings_migrations: [{ to: "1.1.0", describe: "d" }],
  services: ["all"],
  obstacles: [{ code: "c", message: "m", hint: null }],
};
const nothing = { ...plan, version: null, images: null, settings_migrations: null };

describe("answers about updates", () => {
  it.each([
    ["idle", idle, UpdatesStatus, parseUpdatesStatus],
    ["busy", busy, UpdatesStatus, parseUpdatesStatus],
    ["a plan", plan, UpdatePlan, parseUpdatePlan],
    ["no plan", nothing, UpdatePlan, parseUpdatePlan],
    ["a bundle", { size_bytes: 1, sha256: "aa" }, UpdateBundle, parseUpdateBundle],
  ])("%s is read as the schema of the model reads it", (_name, body, schema, parse) => {
    expect(parse(body)).toEqual(schema.parse(body));
  });

  it.each([
    [{ ...idle, update_state: "Unknown" }, UpdatesStatus, parseUpdatesStatus],
    [{ ...idle, progress: { ...progress, phase: "x" } }, UpdatesStatus, parseUpdatesStatus],
    [
      { ...idle, releases: [{ version: "1", obstacle: { kind: "wave" } }] },
      UpdatesStatus,
      parseUpdatesStatus,
    ],
    [{ ...plan, images: { boot: planned } }, UpdatePlan, parseUpdatePlan],
    [{}, UpdateBundle, parseUpdateBundle],
  ])("refuses %j as the schema does", (body, schema, parse) => {
    expect(schema.safeParse(body).success).toBe(false);
    expect(() => parse(body)).toThrow("Cannot read the answer");
  });
});
