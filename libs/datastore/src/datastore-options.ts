import type { Clock } from "@ballast/system";

export interface DatastoreOptions {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly clock: Clock;
  /** Identity of this boot: pending sets of an earlier boot are dropped. */
  readonly bootId?: string;
}
