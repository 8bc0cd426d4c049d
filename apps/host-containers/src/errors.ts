import { BallastError } from "@ballast/errors";

type HostContainersErrorCode =
  | "host-containers.bad-config"
  | "host-containers.bad-image"
  | "host-containers.bad-spec"
  | "host-containers.no-fifo";

export class HostContainersError extends BallastError<HostContainersErrorCode> {}
