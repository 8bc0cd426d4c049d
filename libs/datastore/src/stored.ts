import * as z from "zod";

/** Who or what set a value. What nobody set is a default and not in the database. */
export const Source = z.enum(["user-data", "api", "generated"]);
export type Source = z.output<typeof Source>;

export interface StoredValue {
  readonly key: string;
  readonly value: unknown;
  readonly source: Source;
}

/**
 * One changed setting of a commit. A secret has neither value. `value` is absent when the setting was taken away, `old` is
 * null when there was none and absent when it is not known (commits of layout 1).
 */
export const RecordedChange = z.strictObject({
  key: z.string(),
  action: z.enum(["set", "unset"]),
  secret: z.literal(true).optional(),
  value: z.unknown().optional(),
  old: z.unknown().optional(),
});
export type RecordedChange = z.output<typeof RecordedChange>;

/** One commit of the history. */
export const HistoryEntry = z.strictObject({
  id: z.int(),
  at: z.string(),
  who: z.string(),
  source: Source,
  /** Why the machine itself committed, if it did. */
  note: z.string().nullable(),
  changes: z.array(RecordedChange),
});
export type HistoryEntry = z.output<typeof HistoryEntry>;

/** Where the accepted user data came from, and when. */
export const Provisioned = z.strictObject({ source: z.string(), at: z.string() });
export type Provisioned = z.output<typeof Provisioned>;

/** A commit that is taken back unless it is confirmed. */
export const Attempt = z.strictObject({
  token: z.string(),
  at: z.string(),
  keys: z.array(z.string()),
});
export type Attempt = z.output<typeof Attempt>;

/** Who commits; `ifMatch` refuses the commit when the settings are no longer those of that ETag. */
export interface CommitOptions {
  readonly who: string;
  readonly source: Source;
  readonly ifMatch?: string;
  /** Why the machine itself commits. */
  readonly note?: string;
  /** Names the commit as one that must be confirmed; nothing else is committed until it is confirmed or taken back. */
  readonly attempt?: string;
}

/** What a commit would do. */
export interface Preview {
  /** As the history would have it. */
  readonly changes: readonly RecordedChange[];
  /** All effective values before and after it, secrets included. */
  readonly before: ReadonlyMap<string, unknown>;
  readonly after: ReadonlyMap<string, unknown>;
}
