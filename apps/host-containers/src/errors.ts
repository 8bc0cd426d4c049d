import { BallastError } from "@ballast/errors";

type HostContainersErrorCode = "host-containers.bad-config" | "host-containers.bad-image";

export class HostContainersError extends BallastError<HostContainersErrorCode> {}
