import { BallastError } from "@ballast/errors";

export type MigrationErrorCode =
  | "migrations.bad-history"
  | "migrations.bad-version"
  | "migrations.bad-settings"
  | "migrations.threw"
  | "migrations.bad-result"
  | "migrations.not-owned"
  | "migrations.lost-value"
  | "migrations.refused-value"
  | "migrations.unowned-change";

/** A migration that is not what it must be. `details` name the migration and, where there is one, the key; never a value. */
export class MigrationError extends BallastError<MigrationErrorCode> {}

export const FAULT_HINT = "This is a fault of the migration; the settings are as they were.";
