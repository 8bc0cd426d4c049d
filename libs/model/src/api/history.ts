import * as z from "zod";

/** One changed setting of a commit. Values of secrets are never told. */
export const HistoryChange = z.strictObject({
  /** Begins with `settings.`. */
  key: z.string(),
  action: z.enum(["set", "unset"]),
  secret: z.boolean(),
  /** What was set before, null when the default held; absent for a secret and where it is not known. */
  old: z.unknown().optional(),
  /** What was set, null when the default holds again; absent for a secret and where it is not known. */
  new: z.unknown().optional(),
});
export type HistoryChange = z.output<typeof HistoryChange>;

export const HistoryCommit = z.strictObject({
  id: z.int(),
  at: z.string(),
  who: z.string(),
  source: z.enum(["user-data", "api", "generated"]),
  /** Why the machine itself committed, if it did. */
  note: z.string().nullable(),
  changes: z.array(HistoryChange),
});
export type HistoryCommit = z.output<typeof HistoryCommit>;

/** `GET /history`: the last commits, newest first. */
export const History = z.array(HistoryCommit);
export type History = z.output<typeof History>;

/** `POST /history/restore`: what was staged, and what stays as it is and why. */
export const RestoreReport = z.strictObject({
  tx: z.string(),
  staged: z.array(z.string()),
  skipped: z.array(z.strictObject({ key: z.string(), reason: z.string() })),
});
export type RestoreReport = z.output<typeof RestoreReport>;
