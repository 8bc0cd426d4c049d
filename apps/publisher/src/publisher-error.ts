import { BallastError } from "@ballast/errors";

export type PublisherErrorCode =
  | "publisher.bad-repository"
  | "publisher.bad-image"
  | "publisher.bad-key"
  | "publisher.exists"
  | "publisher.absent"
  | "publisher.unavailable"
  | "publisher.write";

export class PublisherError extends BallastError<PublisherErrorCode> {}
