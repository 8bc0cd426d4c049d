export { Datastore } from "./datastore.ts";
export type { DatastoreOptions } from "./datastore-options.ts";
export { DatastoreError, type DatastoreErrorCode } from "./datastore-error.ts";
export { setAside as setDatabaseAside, type DatabaseState } from "./open-database.ts";
export type { Restoration } from "./restoration.ts";
export type {
  Attempt,
  CommitOptions,
  HistoryEntry,
  Preview,
  Provisioned,
  RecordedChange,
  Source,
  StoredValue,
} from "./stored.ts";
export type { DatabaseContents } from "./versions/contents.ts";
export {
  deriveDatabase,
  readDatabase,
  type DeriveOptions,
  type Revision,
} from "./versions/derive-database.ts";
