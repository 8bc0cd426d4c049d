import { BallastError } from "./ballast-error.ts";
import { EXIT } from "./exit-code.ts";

/** The command line itself is wrong: the program prints the message and exits with 64. */
export class UsageError extends BallastError<"usage"> {
  constructor(message: string, hint?: string) {
    super("usage", message, {
      exitCode: EXIT.usage,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
