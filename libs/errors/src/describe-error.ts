import { inspect } from "node:util";
import { BallastError } from "./ballast-error.ts";

/** The message of an error and of each of its causes, outermost first; the one place that flattens them. */
export function describeError(error: unknown): string {
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
  const hint = error instanceof BallastError && error.hint !== undefined ? `\n${error.hint}` : "";
  return parts.join(": ") + hint;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}
