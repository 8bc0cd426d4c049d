import { BallastError } from "./ballast-error.ts";
import { describeError } from "./describe-error.ts";

/** RFC 9457 problem details as the API answers them (`application/problem+json`). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly hint?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/** Makes the problem document of an error; `type` is `urn:ballast:error:<code>`. */
export function toProblem(error: unknown, status: number, title: string): Problem {
  if (!(error instanceof BallastError))
    return { type: "about:blank", title, status, detail: describeError(error) };
  return {
    type: `urn:ballast:error:${error.code}`,
    title,
    status,
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
  };
}
