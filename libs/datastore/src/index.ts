export { Datastore, type DatastoreOptions } from "./datastore.ts";
export { DatastoreError, type DatastoreErrorCode } from "./datastore-error.ts";
export type { DatabaseState } from "./open-database.ts";
export type { CommitOptions, HistoryEntry, Provisioned, Source, StoredValue } from "./stored.ts";
