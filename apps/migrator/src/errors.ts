import { BallastError } from "@ballast/errors";

export type MigratorErrorCode =
  | "migrator.no-version"
  | "migrator.bad-file"
  | "migrator.bad-version"
  | "migrator.other-version"
  | "migrator.nothing-usable"
  | "migrator.busy";

export class MigratorError extends BallastError<MigratorErrorCode> {}
