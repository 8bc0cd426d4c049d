import { BallastError } from "@ballast/errors";

export type ConfigureErrorCode = "configure.no-answer" | "configure.bad-answer";

/** The server did not answer, or not as agreed; tried again later. */
export class ConfigureError extends BallastError<ConfigureErrorCode> {}
