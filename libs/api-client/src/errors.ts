import { BallastError, EXIT, type BallastErrorOptions, type ExitCode } from "@ballast/errors";
import { asRecord } from "./json.ts";
import { safeText } from "./safe-text.ts";

type ApiClientErrorCode = "api-client.bad-answer" | "api-client.timeout" | "api-client.unreachable";

/** The call itself failed: there is no answer, or none that can be understood. */
export class ApiClientError extends BallastError<ApiClientErrorCode> {
  constructor(code: ApiClientErrorCode, message: string, options: BallastErrorOptions = {}) {
    super(code, message, { exitCode: EXIT.unavailable, ...options });
  }
}

/** The server answered no. `code` is the server's own code, `status` that of HTTP. */
export class ApiError extends BallastError {
  readonly status: number;

  constructor(status: number, code: string, message: string, hint: string | undefined) {
    super(code, message, {
      details: { status },
      exitCode: exitCodeOf(status),
      ...(hint === undefined ? {} : { hint }),
    });
    this.status = status;
  }
}

const PROBLEM_URN = "urn:ballast:error:";

/** An RFC 9457 answer as an error; anything else that is no success becomes one too. */
export function toApiError(act: string, status: number, body: unknown): ApiError {
  const problem = asRecord(body);
  const type = textOf(problem?.["type"]) ?? "";
  const code = type.startsWith(PROBLEM_URN) ? type.slice(PROBLEM_URN.length) : `http.${status}`;
  const reason = textOf(problem?.["detail"]) ?? textOf(problem?.["title"]);
  const message = reason ?? `Cannot ${act}: the server answered ${status}`;
  return new ApiError(status, code, message, textOf(problem?.["hint"]));
}

/** The server may be anybody: its words must not steer the reader's terminal. */
function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? safeText(value) : undefined;
}

function exitCodeOf(status: number): ExitCode {
  if (status === 400 || status === 413 || status === 415) return EXIT.badData;
  if (status === 401 || status === 403) return EXIT.noPermission;
  if (status === 409 || status === 412 || status === 423) return EXIT.tryAgain;
  if (status === 503) return EXIT.unavailable;
  return EXIT.failed;
}
