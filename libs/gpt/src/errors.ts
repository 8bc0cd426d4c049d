import { BallastError, EXIT } from "@ballast/errors";

type GptErrorCode =
  | "gpt.bad-value"
  | "gpt.cannot-repair"
  | "gpt.disk-too-small"
  | "gpt.no-slots"
  | "gpt.no-valid-copy";

/** The data on the disk is not what it must be; programs end with 65. */
export class GptError extends BallastError<GptErrorCode> {
  constructor(
    code: GptErrorCode,
    message: string,
    options: { readonly details?: Readonly<Record<string, unknown>>; readonly hint?: string } = {},
  ) {
    super(code, message, { ...options, details: { ...options.details, exitCode: EXIT.badData } });
  }
}
