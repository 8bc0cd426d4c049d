import * as z from "zod";

/** A setting that a commit changes, with effective values: where nothing is set, the default. */
export const PlannedChange = z.strictObject({
  /** Begins with `settings.`. */
  key: z.string(),
  action: z.enum(["set", "unset"]),
  secret: z.boolean(),
  /** Null where nothing holds; absent for a secret. */
  old: z.unknown().optional(),
  new: z.unknown().optional(),
});
export type PlannedChange = z.output<typeof PlannedChange>;

/** What is done for one service. */
export const PlannedService = z.strictObject({
  name: z.string(),
  /** Below `/run/ballast/etc`, in the order in which they are written. */
  files: z.array(z.strictObject({ path: z.string(), action: z.enum(["write", "remove"]) })),
  /** Units that systemd is told of, and what. */
  verb: z.enum(["restart", "try-restart", "reload"]).nullable(),
  units: z.array(z.string()),
  /** Why it takes effect only when the machine starts anew, if it does. */
  later: z.string().optional(),
  /** Why it would fail before anything is written, if it would. */
  problem: z.string().optional(),
});
export type PlannedService = z.output<typeof PlannedService>;

/** `GET /tx/plan`: what `commit_and_apply` of the transaction would do now. */
export const Plan = z.strictObject({
  changes: z.array(PlannedChange),
  services: z.array(PlannedService),
  /** Whether something takes effect only after a restart of the machine. */
  reboot: z.boolean(),
});
export type Plan = z.output<typeof Plan>;
