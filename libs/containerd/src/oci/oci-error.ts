import { BallastError } from "@ballast/errors";

export type OciErrorCode =
  | "containerd.bad-image"
  | "containerd.no-command"
  | "containerd.bad-file"
  | "containerd.unknown-user";

/** An image that no container can be made of, or not the one that is wanted. */
export class OciError extends BallastError<OciErrorCode> {}
