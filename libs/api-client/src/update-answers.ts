import type {
  UpdateBundle,
  UpdateImage,
  UpdateObstacle,
  UpdatePlan,
  UpdateProgress,
  UpdatesStatus,
} from "@ballast/model";
import {
  listOf,
  oneNumber,
  oneOf,
  oneText,
  recordOf,
  textOrNull,
  textsOf,
  yesOrNo,
} from "./fields.ts";

const COMMANDS = ["refresh", "prepare", "activate", "deactivate"] as const;
const STATES = ["Idle", "Available", "Staged", "Ready"] as const;
const STATUSES = ["Success", "Failed", "Stopped"] as const;
const PHASES = ["metadata", "compare", "write", "read-back"] as const;
const OBSTACLES = [
  ...(["current", "older", "withdrawn", "locked", "failed-here", "selector", "wave"] as const),
] as const;

export function parseUpdatesStatus(body: unknown): UpdatesStatus {
  const status = recordOf(body, "status of updates");
  return {
    update_state: oneOf(status["update_state"], STATES, "update_state"),
    available_updates: textsOf(status["available_updates"], "available_updates"),
    chosen_update: orNull(status["chosen_update"], parseImage),
    active_partition: parsePartition(status["active_partition"]),
    staging_partition: orNull(status["staging_partition"], parsePartition),
    most_recent_command: orNull(status["most_recent_command"], parseResult),
    progress: orNull(status["progress"], parseProgress),
    releases: listOf(status["releases"], "releases").map((item) => {
      const { version, obstacle } = recordOf(item, "release");
      return {
        version: oneText(version, "version"),
        obstacle: orNull(obstacle, parseObstacle),
      };
    }),
    failed: listOf(status["failed"], "failed").map((item) => {
      const failed = recordOf(item, "failed version");
      return {
        version: oneText(failed["version"], "version"),
        root_hash: oneText(failed["root_hash"], "root_hash"),
        at: oneText(failed["at"], "at"),
        reason: oneText(failed["reason"], "reason"),
      };
    }),
    checked_at: textOrNull(status["checked_at"], "checked_at"),
    pull_back: yesOrNo(status["pull_back"], "pull_back"),
    inhibitors: listOf(status["inhibitors"], "inhibitors").map((item) => {
      const { who, why, until } = recordOf(item, "inhibitor");
      return {
        who: oneText(who, "who"),
        why: oneText(why, "why"),
        until: oneText(until, "until"),
      };
    }),
  };
}

export function parseUpdatePlan(body: unknown): UpdatePlan {
  const plan = recordOf(body, "plan of an update");
  return {
    version: textOrNull(plan["version"], "version"),
    current: oneText(plan["current"], "current"),
    downgrade: yesOrNo(plan["downgrade"], "downgrade"),
    images: orNull(plan["images"], (value) => {
      const images = recordOf(value, "images");
      return {
        boot: parsePlannedImage(images["boot"]),
        root: parsePlannedImage(images["root"]),
        hash: parsePlannedImage(images["hash"]),
      };
    }),
    bytes_to_fetch: oneNumber(plan["bytes_to_fetch"], "bytes_to_fetch"),
    bytes_from_this_machine: oneNumber(plan["bytes_from_this_machine"], "bytes_from_this_machine"),
    space: listOf(plan["space"], "space").map((item) => {
      const space = recordOf(item, "space");
      return {
        partition: oneText(space["partition"], "partition"),
        needed_bytes: oneNumber(space["needed_bytes"], "needed_bytes"),
        available_bytes: oneNumber(space["available_bytes"], "available_bytes"),
      };
    }),
    settings_migrations: orNull(plan["settings_migrations"], (value) =>
      listOf(value, "settings_migrations").map((item) => {
        const { to, describe } = recordOf(item, "migration");
        return { to: oneText(to, "to"), describe: oneText(describe, "describe") };
      }),
    ),
    services: textsOf(plan["services"], "services"),
    obstacles: listOf(plan["obstacles"], "obstacles").map((item) => {
      const { code, message, hint } = recordOf(item, "obstacle");
      return {
        code: oneText(code, "code"),
        message: oneText(message, "message"),
        hint: textOrNull(hint, "hint"),
      };
    }),
  };
}

export function parseUpdateBundle(body: unknown): UpdateBundle {
  const { size_bytes, sha256 } = recordOf(body, "bundle");
  return { size_bytes: oneNumber(size_bytes, "size_bytes"), sha256: oneText(sha256, "sha256") };
}

function orNull<Value>(value: unknown, parse: (value: unknown) => Value): Value | null {
  return value === null ? null : parse(value);
}

function parseImage(value: unknown): UpdateImage {
  const { arch, version, variant } = recordOf(value, "image");
  return {
    arch: oneText(arch, "arch"),
    version: oneText(version, "version"),
    variant: oneText(variant, "variant"),
  };
}

function parsePartition(value: unknown): UpdatesStatus["active_partition"] {
  const { image, next_to_boot } = recordOf(value, "partition");
  return { image: parseImage(image), next_to_boot: yesOrNo(next_to_boot, "next_to_boot") };
}

function parsePlannedImage(value: unknown): NonNullable<UpdatePlan["images"]>["boot"] {
  const image = recordOf(value, "image");
  return {
    size_bytes: oneNumber(image["size_bytes"], "size_bytes"),
    fetch_bytes: oneNumber(image["fetch_bytes"], "fetch_bytes"),
    local_bytes: oneNumber(image["local_bytes"], "local_bytes"),
  };
}

function parseResult(value: unknown): NonNullable<UpdatesStatus["most_recent_command"]> {
  const result = recordOf(value, "most_recent_command");
  return {
    cmd_type: oneOf(result["cmd_type"], COMMANDS, "cmd_type"),
    cmd_status: oneOf(result["cmd_status"], STATUSES, "cmd_status"),
    timestamp: oneText(result["timestamp"], "timestamp"),
    exit_status: oneNumber(result["exit_status"], "exit_status"),
    stderr: oneText(result["stderr"], "stderr"),
  };
}

function parseProgress(value: unknown): UpdateProgress {
  const progress = recordOf(value, "progress");
  return {
    command: oneOf(progress["command"], COMMANDS, "command"),
    phase: oneOf(progress["phase"], PHASES, "phase"),
    done_bytes: oneNumber(progress["done_bytes"], "done_bytes"),
    total_bytes: oneNumber(progress["total_bytes"], "total_bytes"),
    fetched_bytes: oneNumber(progress["fetched_bytes"], "fetched_bytes"),
    bytes_per_second: oneNumber(progress["bytes_per_second"], "bytes_per_second"),
    remaining_seconds: orNull(progress["remaining_seconds"], (seconds) =>
      oneNumber(seconds, "remaining_seconds"),
    ),
  };
}

function parseObstacle(value: unknown): UpdateObstacle {
  const obstacle = recordOf(value, "obstacle");
  const kind = oneOf(obstacle["kind"], OBSTACLES, "kind");
  switch (kind) {
    case "withdrawn":
      return { kind, max_version: oneText(obstacle["max_version"], "max_version") };
    case "locked":
      return { kind, version: oneText(obstacle["version"], "version") };
    case "selector":
      return { kind, needs: oneNumber(obstacle["needs"], "needs") };
    case "wave":
      return { kind, ready_at: oneText(obstacle["ready_at"], "ready_at") };
    case "current":
    case "older":
    case "failed-here":
      break;
  }
  return { kind };
}
