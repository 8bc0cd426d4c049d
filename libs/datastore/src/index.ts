export { Datastore, type DatastoreOptions, type Preview } from "./datastore.ts";
export { DatastoreError, type DatastoreErrorCode } from "./datastore-error.ts";
export type { DatabaseState } from "./open-database.ts";
export type { Restoration } from "./restoration.ts";
export type {
  Attempt,
  CommitOptions,
  HistoryEntry,
  Provisioned,
  RecordedChange,
  Source,
  StoredValue,
} from "./stored.ts";
