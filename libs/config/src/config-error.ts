import { BallastError } from "@ballast/errors";

export type ConfigErrorCode =
  | "config.bad-settings"
  | "config.bad-program"
  | "config.no-machine"
  | "config.no-source"
  | "config.no-file";

export class ConfigError extends BallastError<ConfigErrorCode> {}
