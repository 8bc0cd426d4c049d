import { BallastError, EXIT, type ExitCode } from "@ballast/errors";

type SignpostErrorCode =
  | "signpost.active-slot-conflict"
  | "signpost.bad-parameters"
  | "signpost.disk-locked"
  | "signpost.disk-unreadable"
  | "signpost.no-active-slot"
  | "signpost.no-variables"
  | "signpost.not-a-disk"
  | "signpost.root-unreadable"
  | "signpost.selector-too-old"
  | "signpost.write-failed";

export class SignpostError extends BallastError<SignpostErrorCode> {}

/** The exit code for a failed open or read: 77 if it was refused, else 69. */
export function exitCodeOf(error: unknown): ExitCode {
  return isErrno(error, "EACCES") || isErrno(error, "EPERM") ? EXIT.noPermission : EXIT.unavailable;
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
