import { BallastError } from "@ballast/errors";

export type TestkitErrorCode =
  | "testkit.no-image"
  | "testkit.bad-manifest"
  | "testkit.bad-write-log"
  | "testkit.unclean-guest";

export class TestkitError extends BallastError<TestkitErrorCode> {}
