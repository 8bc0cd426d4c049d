/** What containerd leaves to its clients: the runtime spec of a container, from its image to its rights. */
export { readLastCapability, type Privileges } from "./capabilities.ts";
export { hostSpec, type HostSpecOptions } from "./host-spec.ts";
export type { ImageConfig } from "./image-config.ts";
export { OciError, type OciErrorCode } from "./oci-error.ts";
export { readImage, type ReadImage } from "./read-image.ts";
export { readImageFile, type LayerMount } from "./read-image-file.ts";
export { readImageUser } from "./image-user.ts";
export { seccompProfile, type SeccompProfile } from "./seccomp.ts";
export { resolveUser } from "./resolve-user.ts";
export { encodeSpec, type ProcessUser, type RuntimeSpec, type SpecMount } from "./spec.ts";
