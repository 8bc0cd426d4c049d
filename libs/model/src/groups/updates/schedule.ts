import * as z from "zod";
import type { Issue } from "../../settings-group.ts";
import { AUTOMATIC_STEPS, TIME_OF_DAY, WEEKDAYS, type UpdateAgentConfig } from "./agent-config.ts";

/** What a window must leave after the jitter, so that the turn of the last machine lasts longer than the timer's period. */
const TURN_MIN_MINUTES = 30;
const DAY_MINUTES = 1440;

/** One window that begins on each of `days`; it may end on the day after. */
const Window = z
  .strictObject({
    days: z
      .array(z.enum(WEEKDAYS, { error: "must be a day of the week, for example monday" }))
      .min(1, { error: "must name at least 1 day" })
      .refine((days) => new Set(days).size === days.length, {
        error: "must not name a day twice",
      })
      .meta({
        description: "Days on which the window begins, every day if unset.",
        example: ["saturday", "sunday"],
      })
      .optional(),
    start: z
      .string()
      .regex(TIME_OF_DAY, { error: "must be a time of day, UTC, from 00:00 to 23:59" })
      .meta({ description: "When the window begins, UTC.", example: "02:30" })
      .optional(),
    "length-minutes": wholeMinutes(TURN_MIN_MINUTES, DAY_MINUTES)
      .meta({ description: "How long the window lasts.", example: 120 })
      .optional(),
  })
  .meta({
    description:
      "When an update may be activated and the machine restarted by itself; at any time if unset. Looking for updates and preparing them is not bound to it.",
  });

export const SCHEDULE_FIELDS = {
  automatic: z
    .enum(AUTOMATIC_STEPS, { error: `must be one of ${AUTOMATIC_STEPS.join(", ")}` })
    .meta({
      description:
        "How far the machine goes by itself: look for updates, write one to the other slot, choose that slot for the next start, restart. Each step includes those before it.",
      example: "prepare",
    }),
  window: Window,
  "jitter-minutes": wholeMinutes(0, DAY_MINUTES).meta({
    description:
      "Machines begin what disturbs spread over this time, each always at the same distance from the start of the window.",
    example: 60,
  }),
  "reboot-inhibit-limit-minutes": wholeMinutes(0, 7 * DAY_MINUTES).meta({
    description:
      "How long inhibitors may hold off a restart that the machine makes by itself, all of them together, from the time at which it was due.",
    example: 240,
  }),
};

/** Never restarts, never fetches anything: an operator decides. */
export const SCHEDULE_DEFAULTS = {
  automatic: "off" as const,
  window: {},
  "jitter-minutes": 15,
  "reboot-inhibit-limit-minutes": DAY_MINUTES,
};

const Schedule = z.strictObject(SCHEDULE_FIELDS);
type Schedule = z.output<typeof Schedule>;

export function checkSchedule({ window, "jitter-minutes": jitter }: Schedule): Issue[] {
  const { days, start, "length-minutes": length } = window;
  if (start === undefined && length === undefined)
    return days === undefined
      ? []
      : [{ key: "window.days", reason: "must not be set without window.start" }];
  if (start === undefined) return [{ key: "window.start", reason: "must be set" }];
  if (length === undefined) return [{ key: "window.length-minutes", reason: "must be set" }];
  if (jitter > length - TURN_MIN_MINUTES)
    return [
      {
        key: "jitter-minutes",
        reason: `must leave ${TURN_MIN_MINUTES} minutes of the window: at most ${length - TURN_MIN_MINUTES}`,
      },
    ];
  return [];
}

/** What {@link checkSchedule} allows, as the update agent has it. */
export function windowOf({ window }: Schedule): UpdateAgentConfig["window"] {
  const { days = [...WEEKDAYS], start, "length-minutes": length } = window;
  if (start === undefined || length === undefined) return null;
  return { days, start, length_minutes: length };
}

function wholeMinutes(least: number, most: number) {
  return z
    .int({ error: "must be a whole number of minutes" })
    .min(least, { error: `must be at least ${least}` })
    .max(most, { error: `must be at most ${most}` });
}
