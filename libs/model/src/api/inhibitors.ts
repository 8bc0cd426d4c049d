import * as z from "zod";
import { UpdateInhibitor } from "./updates.ts";

/** `?name=` of `/updates/inhibitors`: who objects. */
export const InhibitorName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, {
  error: "must be 1 to 63 lower case letters, digits or '-', not beginning with '-'",
});

const WEEK_MINUTES = 7 * 24 * 60;

/** `PUT /updates/inhibitors`. */
export const InhibitorRequest = z.strictObject({
  why: z.string().regex(/^[^\p{C}]{1,200}$/u, { error: "must be one line of 1 to 200 characters" }),
  for_minutes: z
    .int({ error: "must be a whole number of minutes" })
    .min(1, { error: "must be at least 1" })
    .max(WEEK_MINUTES, { error: `must be at most ${WEEK_MINUTES}` }),
});
export type InhibitorRequest = z.output<typeof InhibitorRequest>;

/** `GET /updates/inhibitors`: those in force, by name. */
export const InhibitorList = z.array(UpdateInhibitor);
export type InhibitorList = z.output<typeof InhibitorList>;
