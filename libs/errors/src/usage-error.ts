import { BallastError } from "./ballast-error.ts";

/** The command line itself is wrong: the program prints the message and exits with 64. */
export class UsageError extends BallastError<"usage"> {
  constructor(message: string, hint?: string) {
    super("usage", message, hint === undefined ? {} : { hint });
  }
}
