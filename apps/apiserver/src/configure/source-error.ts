import { BallastError } from "@ballast/errors";

export type SourceErrorCode =
  /** Nobody answers, or not well; asking again may help. */
  | "apiserver.source-unreachable"
  | "apiserver.source-refused"
  | "apiserver.source-bad-answer"
  | "apiserver.source-too-large"
  | "apiserver.source-not-gzip"
  | "apiserver.source-not-text";

/** A source of user data, or of generated settings, that cannot be used. Messages never quote what it holds. */
export class SourceError extends BallastError<SourceErrorCode> {}
