import { BallastError } from "@ballast/errors";

type ApiclientErrorCode =
  | "apiclient.bad-json"
  | "apiclient.exists"
  | "apiclient.no-credentials"
  | "apiclient.write";

export class ApiclientError extends BallastError<ApiclientErrorCode> {}
