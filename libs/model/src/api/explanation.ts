import * as z from "zod";

/** What one key of the settings means; the reference of the settings holds one for each. */
export const Explanation = z.strictObject({
  /** Without the leading `settings.`; in the reference `<name>` stands for a name that the user chooses. */
  key: z.string(),
  kind: z.enum(["setting", "table", "map"]),
  /** In words, with bounds. */
  type: z.string(),
  /** Null when nothing holds unless it is set. */
  default: z.unknown(),
  /** It has to be set as soon as anything else of its table is. */
  required: z.boolean(),
  /** It can be written and never read. */
  secret: z.boolean(),
  description: z.string().nullable(),
  example: z.unknown(),
  /** Files below `/run/ballast/etc` that follow from it; a directory of them ends with `/`. */
  writes: z.array(z.string()),
  /** Units that are restarted when it changes. */
  restarts: z.array(z.string()),
  /** Units that read their files anew when it changes. */
  reloads: z.array(z.string()),
  /** A change holds after the next restart of the machine. */
  reboot: z.boolean(),
  /** When a change takes effect, if files and units do not say it. */
  effect: z.string().nullable(),
  /** Names of what lies in a table; `<name>` for a map. */
  members: z.array(z.string()),
});
export type Explanation = z.output<typeof Explanation>;
