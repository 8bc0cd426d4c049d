import * as z from "zod";
import { defineGroup, type Issue } from "../../settings-group.ts";
import { HttpUrl } from "../health/target.ts";
import type { UpdateAgentConfig } from "./agent-config.ts";
import { checkSchedule, SCHEDULE_DEFAULTS, SCHEDULE_FIELDS, windowOf } from "./schedule.ts";

const SEED_MAX = 2 ** 32 - 1;
/** Below this an update takes days, and a connection looks dead. */
const RATE_MIN = 16 * 1024;
const RATE_MAX = 2 ** 40;
const VERSION =
  /^v?(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

const Updates = z
  .strictObject({
    "metadata-base-url": HttpUrl.meta({
      description: "Where the signed metadata of releases is.",
      example: "https://updates.example.org/metadata",
    }).optional(),
    "targets-base-url": HttpUrl.meta({
      description: "Where the files of releases are.",
      example: "https://updates.example.org/targets",
    }).optional(),
    seed: z
      .int({ error: "must be a whole number" })
      .min(0, { error: "must be at least 0" })
      .max(SEED_MAX, { error: `must be at most ${SEED_MAX}` })
      .meta({
        description:
          "Decides how early in the waves of a release this machine takes its turn; a random number, made at boot, if nobody sets it.",
        example: 1717,
      })
      .optional(),
    "version-lock": z
      .string()
      .max(128, { error: "must be at most 128 characters" })
      .refine((text) => text === "latest" || VERSION.test(text), {
        error: "must be latest or a semantic version, for example 1.2.0",
      })
      .meta({ description: "The version to update to, or `latest`.", example: "1.2.0" }),
    "ignore-waves": z.boolean().meta({
      description: "Whether this machine updates at once instead of waiting for its turn.",
      example: true,
    }),
    ...SCHEDULE_FIELDS,
    "max-bytes-per-second": z
      .int({ error: "must be a whole number" })
      .min(RATE_MIN, { error: `must be at least ${RATE_MIN}` })
      .max(RATE_MAX, { error: `must be at most ${RATE_MAX}` })
      .meta({
        description: "How fast the files of an update are fetched at most; no limit if unset.",
        example: 1_048_576,
      })
      .optional(),
  })
  .meta({ description: "Where new versions come from, and when this machine takes them." });
type Updates = z.output<typeof Updates>;

export const updates = defineGroup({
  schema: Updates,
  defaults: { "version-lock": "latest", "ignore-waves": false, ...SCHEDULE_DEFAULTS },
  secrets: [],
  check: checkUpdates,
  services: [
    {
      name: "updates",
      files: [
        {
          path: "update-agent.json",
          mode: 0o644,
          render: (value) => `${JSON.stringify(agentConfig(value), undefined, 1)}\n`,
        },
      ],
      units: [],
    },
    {
      name: "update-schedule",
      keys: ["automatic"],
      files: [],
      // No file where nothing is automatic: the timer does not start then.
      fileSets: [
        {
          directory: "update-schedule",
          mode: 0o644,
          render: ({ automatic }) => new Map(automatic === "off" ? [] : [["wanted", ""]]),
        },
      ],
      units: ["update-agent.timer"],
    },
  ],
  generated: [{ key: "seed", by: "update-seed" }],
  effect: "The update agent reads it whenever it runs.",
});

function checkUpdates(value: Updates): Issue[] {
  const { "metadata-base-url": metadata, "targets-base-url": targets, automatic } = value;
  const issues = checkSchedule(value);
  if (metadata !== undefined) return issues;
  if (automatic !== "off")
    issues.push({ key: "metadata-base-url", reason: "must be set, for automatic is not off" });
  if (targets !== undefined)
    issues.push({
      key: "targets-base-url",
      reason: "must not be set without metadata-base-url",
    });
  return issues;
}

function agentConfig(value: Updates): UpdateAgentConfig {
  return {
    metadata_url: value["metadata-base-url"] ?? null,
    targets_url: value["targets-base-url"] ?? null,
    seed: value.seed ?? null,
    version_lock: value["version-lock"],
    ignore_waves: value["ignore-waves"],
    automatic: value.automatic,
    window: windowOf(value),
    jitter_minutes: value["jitter-minutes"],
    max_bytes_per_second: value["max-bytes-per-second"] ?? null,
    reboot_inhibit_limit_minutes: value["reboot-inhibit-limit-minutes"],
  };
}
