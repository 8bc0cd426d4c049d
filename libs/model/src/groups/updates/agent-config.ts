import * as z from "zod";

/** How far the schedule goes by itself; each step includes those before it. */
export const AUTOMATIC_STEPS = ["off", "check", "prepare", "activate", "reboot"] as const;

export const WEEKDAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;

/** Hours and minutes of a day, UTC. */
export const TIME_OF_DAY = /^(?:[01]\d|2[0-3]):[0-5]\d$/;

/** `/run/ballast/etc/update-agent.json`: `settings.updates` as the update agent reads it. */
export const UpdateAgentConfig = z.strictObject({
  metadata_url: z.string().nullable(),
  targets_url: z.string().nullable(),
  /** Absent until the first boot has made one. */
  seed: z.int().min(0).nullable(),
  /** `latest` or a semantic version. */
  version_lock: z.string(),
  ignore_waves: z.boolean(),
  automatic: z.enum(AUTOMATIC_STEPS),
  /** When the machine may be disturbed; null = at any time. `days` are those on which it begins. */
  window: z
    .strictObject({
      days: z.array(z.enum(WEEKDAYS)).min(1),
      start: z.string().regex(TIME_OF_DAY),
      length_minutes: z.int().min(1),
    })
    .nullable(),
  jitter_minutes: z.int().min(0),
  max_bytes_per_second: z.int().min(1).nullable(),
  reboot_inhibit_limit_minutes: z.int().min(0),
});
export type UpdateAgentConfig = z.output<typeof UpdateAgentConfig>;
