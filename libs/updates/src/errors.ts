import { BallastError } from "@ballast/errors";

export type UpdatesErrorCode =
  | "updates.bad-manifest"
  | "updates.bad-chunk-index"
  | "updates.bad-policy"
  | "updates.bad-version";

/** A document of an update repository that is not what it must be. */
export class UpdatesError extends BallastError<UpdatesErrorCode> {}
