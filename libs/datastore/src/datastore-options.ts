import type { Clock } from "@ballast/system";

export interface DatastoreOptions {
  /** Path of the database, or `:memory:`. */
  readonly file: string;
  readonly clock: Clock;
  /**
   * False: the settings lie elsewhere, so no empty database may take the place of one that is absent or damaged; the latter
   * is set aside. Then `datastore.absent` is thrown. True unless told.
   */
  readonly mayBegin?: boolean;
  /** Called after each call that may have changed what a restart would find. */
  readonly onChange?: () => void;
  /** Identity of this boot: pending sets of an earlier boot are dropped. */
  readonly bootId?: string;
}
