import { BallastError } from "@ballast/errors";

type ApiclientErrorCode =
  | "apiclient.bad-contexts"
  | "apiclient.bad-credentials"
  | "apiclient.bad-json"
  | "apiclient.bad-toml"
  | "apiclient.download"
  | "apiclient.editor"
  | "apiclient.exists"
  | "apiclient.no-credentials"
  | "apiclient.nothing-waits"
  | "apiclient.nothing-begins"
  | "apiclient.not-rotated"
  | "apiclient.other-update"
  | "apiclient.read"
  | "apiclient.update-failed"
  | "apiclient.write";

export class ApiclientError extends BallastError<ApiclientErrorCode> {}
