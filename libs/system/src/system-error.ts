import { BallastError } from "@ballast/errors";

export type SystemErrorCode =
  | "system.read"
  | "system.write"
  | "system.too-large"
  | "system.spawn"
  | "system.timeout";

/** An act on the operating system that failed. */
export class SystemError extends BallastError<SystemErrorCode> {}
