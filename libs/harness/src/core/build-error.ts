import { BallastError } from "@ballast/errors";

export type BuildErrorCode =
  | "build.usage"
  | "build.tool-failed"
  | "build.tool-missing"
  | "build.bad-lock"
  | "build.package-vanished"
  | "build.bad-package"
  | "build.bad-bundle"
  | "build.bad-config"
  | "build.bad-archive"
  | "build.bad-root"
  | "build.bad-root-of-trust"
  | "build.too-large"
  | "build.bad-store-entry"
  | "build.host-unfit"
  | "build.input-missing"
  | "build.no-keys"
  | "build.bad-image";

/** A build that cannot go on, in one sentence: which file, which key, why, and what to do. */
export class BuildError extends BallastError<BuildErrorCode> {}
