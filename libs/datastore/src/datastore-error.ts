import { BallastError } from "@ballast/errors";

export type DatastoreErrorCode =
  | "datastore.open"
  | "datastore.too-new"
  | "datastore.damaged"
  | "datastore.absent"
  | "datastore.full"
  | "datastore.unwritable"
  | "datastore.nothing-pending"
  | "datastore.rule"
  | "datastore.changed-meanwhile"
  | "datastore.too-many-transactions"
  | "datastore.too-large"
  | "datastore.transaction-in-use"
  | "datastore.no-such-commit"
  | "datastore.unconfirmed"
  | "datastore.not-waiting"
  | "datastore.already-provisioned";

/** A refused act on the settings database. */
export class DatastoreError extends BallastError<DatastoreErrorCode> {}
