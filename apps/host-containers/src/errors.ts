import { BallastError } from "@ballast/errors";

type HostContainersErrorCode =
  | "host-containers.bad-config"
  | "host-containers.bad-image"
  | "host-containers.bad-spec"
  | "host-containers.no-fifo"
  | "host-containers.no-space";

export class HostContainersError extends BallastError<HostContainersErrorCode> {}
