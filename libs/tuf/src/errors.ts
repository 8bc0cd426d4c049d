import { BallastError } from "@ballast/errors";

/**
 * What went wrong with a repository, by who must act. `unreachable`, `slow` and `not-found`: the server; `bad-bundle`: who
 * brought it; `expired`: the maintainer, or the clock of the machine; all from `threshold` on: somebody is not to be trusted.
 */
export type TufErrorCode =
  | "tuf.unreachable"
  | "tuf.slow"
  | "tuf.not-found"
  | "tuf.no-ranges"
  | "tuf.bad-answer"
  | "tuf.bad-bundle"
  | "tuf.clock"
  | "tuf.expired"
  | "tuf.no-such-target"
  | "tuf.store"
  | "tuf.threshold"
  | "tuf.rollback"
  | "tuf.wrong-content"
  | "tuf.too-long"
  | "tuf.bad-metadata";

export class TufError extends BallastError<TufErrorCode> {}
