import {
  hostSpec,
  readImageUser,
  readLastCapability,
  type LayerMount,
  type ReadImage,
  type RuntimeSpec,
} from "@ballast/containerd/oci";
import { cgroupsPath } from "./cgroup.ts";
import { idOf, type HostContainer } from "./host-container.ts";
import { hostMounts } from "./mounts.ts";
import type { HostPlaces } from "./places.ts";
import { proxyVariables } from "./proxy-variables.ts";
import { limitsOf } from "./resource-limits.ts";

export interface SpecInputs {
  readonly image: ReadImage;
  /** Of the container's root. */
  readonly rootfs: readonly LayerMount[];
  readonly systemdCgroup: boolean;
}

/** What runc makes of a container: its image, its set of privileges, its limits. */
export async function specOf(
  container: HostContainer,
  { image, rootfs, systemdCgroup }: SpecInputs,
  places: HostPlaces,
): Promise<RuntimeSpec> {
  const spec = hostSpec({
    privileges: container.privileges,
    image: image.config,
    command: container.command,
    env: await proxyVariables(places.proxy),
    user: await readImageUser(image.config.user, rootfs),
    mounts: hostMounts(container, places),
    cgroupsPath: cgroupsPath(idOf(container), systemdCgroup),
    lastCapability: await readLastCapability(),
  });
  const resources = { ...spec.linux.resources, ...limitsOf(container.resources) };
  return { ...spec, linux: { ...spec.linux, resources } };
}
