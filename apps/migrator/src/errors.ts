import { BallastError } from "@ballast/errors";

export type MigratorErrorCode =
  | "migrator.no-version"
  | "migrator.other-version"
  | "migrator.nothing-usable"
  | "migrator.bad-result";

export class MigratorError extends BallastError<MigratorErrorCode> {}
