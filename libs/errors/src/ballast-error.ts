import { EXIT, type ExitCode } from "./exit-code.ts";

/** What a typed error carries besides its message. */
export interface BallastErrorOptions {
  /** JSON-able facts: what was read, where, what was expected. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** One sentence that tells the reader what to do next. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** With what a program ends that this error ends; 1 unless told. */
  readonly exitCode?: ExitCode;
}

/**
 * An error that a user can reach. `code` is `<package>.<fault>` from a closed union of the throwing package;
 * the message names the act, the object and the reason, without a final period.
 */
export class BallastError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(code: Code, message: string, options: BallastErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details ?? {};
    this.hint = options.hint;
    this.exitCode = options.exitCode ?? EXIT.failed;
    this.name = new.target.name;
  }
}

/** Narrows an unknown thrown value to an error with exactly this code. */
export function hasCode<Code extends string>(
  error: unknown,
  code: Code,
): error is BallastError<Code> {
  return error instanceof BallastError && error.code === code;
}
