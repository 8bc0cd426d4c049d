import { BallastError, EXIT, type ExitCode } from "@ballast/errors";

type ApiclientErrorCode =
  | "apiclient.bad-json"
  | "apiclient.exists"
  | "apiclient.no-credentials"
  | "apiclient.write";

export class ApiclientError extends BallastError<ApiclientErrorCode> {
  constructor(
    code: ApiclientErrorCode,
    message: string,
    options: {
      readonly exitCode?: ExitCode;
      readonly hint?: string;
      readonly cause?: unknown;
    } = {},
  ) {
    const { exitCode = EXIT.failed, ...rest } = options;
    super(code, message, { ...rest, details: { exitCode } });
  }
}
