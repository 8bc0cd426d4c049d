import { inspect } from "node:util";
import { BallastError } from "./ballast-error.ts";

/** The message of an error and of each of its causes, outermost first, and the hint; the one place that flattens them. */
export function describeError(error: unknown): string {
  return chainOf(error) + hintOf(error);
}

/** The same with the code behind the message, for programs that end with it. Wrong usage has a code that tells nothing. */
export function describeErrorWithCode(error: BallastError): string {
  const code = error.code === "usage" ? "" : ` [${error.code}]`;
  return `${chainOf(error)}${code}${hintOf(error)}`;
}

function chainOf(error: unknown): string {
  const parts: string[] = [];
  for (let current = error; current !== undefined; current = causeOf(current)) {
    parts.push(
      current instanceof Error
        ? current.message
        : typeof current === "string"
          ? current
          : inspect(current),
    );
    if (parts.length === 10) break;
  }
  return parts.join(": ");
}

function hintOf(error: unknown): string {
  return error instanceof BallastError && error.hint !== undefined ? `\n${error.hint}` : "";
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
