import { BallastError } from "@ballast/errors";

export type ApiErrorCode =
  | "apiserver.no-such-path"
  | "apiserver.wrong-method"
  | "apiserver.forbidden"
  | "apiserver.bad-query"
  | "apiserver.bad-body"
  | "apiserver.bad-upgrade"
  | "apiserver.body-too-large"
  | "apiserver.not-json"
  | "apiserver.bad-settings"
  | "apiserver.bad-user-data"
  | "apiserver.no-such-container"
  | "apiserver.ambiguous-container"
  | "apiserver.too-many-streams"
  | "apiserver.too-many-inhibitors"
  | "apiserver.upgrade-required"
  | "apiserver.no-manager"
  | "apiserver.update-busy"
  | "apiserver.empty-bundle"
  | "apiserver.upload-silent"
  | "apiserver.disk-full"
  | "apiserver.command-failed"
  | "apiserver.cannot-look"
  | "apiserver.bad-network"
  | "apiserver.bad-remote-settings"
  | "apiserver.remote-listen"
  | "apiserver.metrics-listen"
  | "apiserver.bad-socket";

/** A request or an act of the server that is refused or failed. */
export class ApiError extends BallastError<ApiErrorCode> {}
