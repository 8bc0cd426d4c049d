import * as z from "zod";

/** Who or what set a value. What nobody set is a default and not in the database. */
export const Source = z.enum(["user-data", "api", "generated"]);
export type Source = z.output<typeof Source>;

export interface StoredValue {
  readonly key: string;
  readonly value: unknown;
  readonly source: Source;
}

/** One commit of the history. Values of secret keys are left out. */
export const HistoryEntry = z.strictObject({
  at: z.string(),
  who: z.string(),
  source: Source,
  changes: z.array(
    z.strictObject({
      key: z.string(),
      action: z.enum(["set", "unset"]),
      value: z.unknown().optional(),
    }),
  ),
});
export type HistoryEntry = z.output<typeof HistoryEntry>;

/** Where the accepted user data came from, and when. */
export const Provisioned = z.strictObject({ source: z.string(), at: z.string() });
export type Provisioned = z.output<typeof Provisioned>;

/** Who commits; `ifMatch` refuses the commit when the settings are no longer those of that ETag. */
export interface CommitOptions {
  readonly who: string;
  readonly source: Source;
  readonly ifMatch?: string;
}
