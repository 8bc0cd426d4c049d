import * as z from "zod";

const Version = z.string();
const Bytes = z.int().min(0);
/** RFC 3339. */
const Time = z.string();

/** What the update agent does, as the API names it. */
export const UpdateCommand = z.enum(["refresh", "prepare", "activate", "deactivate"]);
export type UpdateCommand = z.output<typeof UpdateCommand>;

/**
 * What is asked of a run of the update agent: the body of `POST /actions/prepare-update`, and the file that the API server
 * leaves for the unit. Absent members are false, or left to the machine's settings.
 */
export const UpdateRequest = z.strictObject({
  /** Exactly this one, which may be an older one, instead of what the settings choose. */
  version: Version.min(1).max(128).optional(),
  ignore_waves: z.boolean().optional(),
  /** Also a version that failed here. */
  force: z.boolean().optional(),
  /** Of the bundle that was uploaded instead of the repository. */
  bundle: z.boolean().optional(),
  /** Only with `bundle`: its metadata may have expired. */
  ignore_expiry: z.boolean().optional(),
});
export type UpdateRequest = z.output<typeof UpdateRequest>;

/** `Available`: one is chosen; `Staged`: it is written to the other slot; `Ready`: that slot boots next. */
export const UpdateState = z.enum(["Idle", "Available", "Staged", "Ready"]);
export type UpdateState = z.output<typeof UpdateState>;

export const UpdateImage = z.strictObject({
  arch: z.string(),
  version: Version,
  variant: z.string(),
});
export type UpdateImage = z.output<typeof UpdateImage>;

const UpdatePartition = z.strictObject({ image: UpdateImage, next_to_boot: z.boolean() });

/** Why a release is not for this machine, or not yet. */
export const UpdateObstacle = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("current") }),
  z.strictObject({ kind: z.literal("older") }),
  z.strictObject({ kind: z.literal("withdrawn"), max_version: Version }),
  z.strictObject({ kind: z.literal("locked"), version: Version }),
  z.strictObject({ kind: z.literal("failed-here") }),
  /** It needs a slot selector of at least this version. */
  z.strictObject({ kind: z.literal("selector"), needs: z.int() }),
  z.strictObject({ kind: z.literal("wave"), ready_at: Time }),
]);
export type UpdateObstacle = z.output<typeof UpdateObstacle>;

/** What a running command has done so far. Bytes are those of the phase; `total_bytes` is 0 where nobody can know. */
export const UpdateProgress = z.strictObject({
  command: UpdateCommand,
  phase: z.enum(["metadata", "compare", "write", "read-back"]),
  done_bytes: Bytes,
  total_bytes: Bytes,
  /** Over the network, since the command began. */
  fetched_bytes: Bytes,
  bytes_per_second: Bytes,
  remaining_seconds: z.int().min(0).nullable(),
});
export type UpdateProgress = z.output<typeof UpdateProgress>;

export const UpdateCommandResult = z.strictObject({
  cmd_type: UpdateCommand,
  /** `Stopped`: by an operator, or because the machine went down. */
  cmd_status: z.enum(["Success", "Failed", "Stopped"]),
  timestamp: Time,
  exit_status: z.int(),
  /** Why it failed, and what to do; empty when it did not. */
  stderr: z.string(),
});
export type UpdateCommandResult = z.output<typeof UpdateCommandResult>;

/** A version that ran here and did not stay. */
export const FailedUpdate = z.strictObject({
  version: Version,
  root_hash: z.string(),
  at: Time,
  reason: z.string(),
});
export type FailedUpdate = z.output<typeof FailedUpdate>;

/** Who holds off a restart, why, and when that ends at the latest. */
export const UpdateInhibitor = z.strictObject({ who: z.string(), why: z.string(), until: Time });
export type UpdateInhibitor = z.output<typeof UpdateInhibitor>;

/** `GET /updates/status`: the file that the update agent keeps. */
export const UpdatesStatus = z.strictObject({
  update_state: UpdateState,
  /** What this machine may take now, newest first. */
  available_updates: z.array(Version),
  chosen_update: UpdateImage.nullable(),
  active_partition: UpdatePartition,
  /** Null when the other slot holds nothing that is meant to boot. */
  staging_partition: UpdatePartition.nullable(),
  most_recent_command: UpdateCommandResult.nullable(),
  /** Null while nothing runs. */
  progress: UpdateProgress.nullable(),
  /** All of this variant and architecture that the last check saw, newest first; obstacle null: it could be taken. */
  releases: z.array(z.strictObject({ version: Version, obstacle: UpdateObstacle.nullable() })),
  failed: z.array(FailedUpdate),
  /** When the repository was last asked and answered. */
  checked_at: Time.nullable(),
  /** What runs was withdrawn: the chosen version is an older one. */
  pull_back: z.boolean(),
  inhibitors: z.array(UpdateInhibitor),
});
export type UpdatesStatus = z.output<typeof UpdatesStatus>;

const PlannedImage = z.strictObject({
  size_bytes: Bytes,
  /** Over the network, packed. */
  fetch_bytes: Bytes,
  /** Unpacked, out of what this machine holds: copied from the running slot, or right already. */
  local_bytes: Bytes,
});

/** `GET /updates/plan`: what `POST /actions/prepare-update` would do now. */
export const UpdatePlan = z.strictObject({
  /** Null: there is nothing to do; then the numbers are 0 and the lists empty. */
  version: Version.nullable(),
  current: Version,
  downgrade: z.boolean(),
  images: z.strictObject({ boot: PlannedImage, root: PlannedImage, hash: PlannedImage }).nullable(),
  bytes_to_fetch: Bytes,
  bytes_from_this_machine: Bytes,
  /** Partition by its label. */
  space: z.array(
    z.strictObject({ partition: z.string(), needed_bytes: Bytes, available_bytes: Bytes }),
  ),
  /** In the order in which they run; null when only the new image knows them. */
  settings_migrations: z.array(z.strictObject({ to: Version, describe: z.string() })).nullable(),
  /** Which services restart, by name; `all`: the machine restarts. */
  services: z.array(z.string()),
  /** What would refuse the update now, in the words of the refusal. */
  obstacles: z.array(
    z.strictObject({ code: z.string(), message: z.string(), hint: z.string().nullable() }),
  ),
});
export type UpdatePlan = z.output<typeof UpdatePlan>;

/** `PUT /updates/bundle`: what now lies on the machine. */
export const UpdateBundle = z.strictObject({ size_bytes: Bytes, sha256: z.string() });
export type UpdateBundle = z.output<typeof UpdateBundle>;
