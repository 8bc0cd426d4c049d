import { BallastError } from "@ballast/errors";

export type VmErrorCode =
  | "vm.program-missing"
  | "vm.firmware-missing"
  | "vm.image-missing"
  | "vm.image-mismatch"
  | "vm.image-tool"
  | "vm.start"
  | "vm.ended"
  | "vm.timeout"
  | "vm.qmp"
  | "vm.port-in-use"
  | "vm.name-in-use"
  | "vm.disk-size"
  | "vm.state"
  | "vm.build"
  | "vm.credentials"
  | "vm.unhealthy"
  | "vm.api";

/** What can go wrong between this machine and a guest. */
export class VmError extends BallastError<VmErrorCode> {}
