import type { SpecMount } from "@ballast/containerd/oci";
import { APICLIENT_MOUNTS } from "./apiclient-mounts.ts";
import type { HostContainer } from "./host-container.ts";

export interface MountPlaces {
  /** Parent of the storage of host and of bootstrap containers: `host/NAME`, `bootstrap/NAME`. */
  readonly storage: string;
  /** Parent of the folders with the API's sockets. */
  readonly apiSockets: string;
}

export function storagePath(
  { storage }: Pick<MountPlaces, "storage">,
  { kind, name }: Pick<HostContainer, "kind" | "name">,
): string {
  return `${storage}/${kind}/${name}`;
}

/** Of the machine; programs in a container that know Ballast look here. */
const RELEASE = "/usr/lib/os-release";
const AUTHORITIES = "/run/ballast/etc/pki/ca-certificates.crt";
/** Where the machine's root is in containers that see it. */
const ROOT = "/.ballast/rootfs";

/** What a host or bootstrap container has beyond what every container has; later ones lie over earlier ones. */
export function hostMounts(
  container: Pick<HostContainer, "kind" | "name" | "privileges" | "hasApi">,
  places: MountPlaces,
): SpecMount[] {
  const { kind, name, privileges, hasApi } = container;
  const storage = storagePath(places, container);
  const own = `/.ballast/${kind}-containers`;
  return [
    bind(storage, `${own}/${name}`, "rw"),
    bind(storage, `${own}/current`, "rw"),
    // The folder, not the socket: a server that is started anew makes another socket there.
    ...(hasApi ? [bind(`${places.apiSockets}/${name}`, "/run/ballast", "ro")] : []),
    bind(RELEASE, "/etc/ballast-release", "ro"),
    ...APICLIENT_MOUNTS,
    bind(AUTHORITIES, "/.ballast/ca-certificates.crt", "ro"),
    ...(privileges === "default" ? [] : MACHINE),
  ];
}

/**
 * The machine itself, for what works on it. What is mounted in its root is there as it is on the machine; what the container
 * mounts below these two folders the machine sees too.
 */
const MACHINE: readonly SpecMount[] = [
  bind("/", ROOT, "ro", "rslave"),
  bind("/mnt", `${ROOT}/mnt`, "rw", "rshared"),
  bind("/var", `${ROOT}/var`, "rw", "rshared"),
  bind("/usr/lib/modules", "/lib/modules", "ro"),
];

function bind(
  source: string,
  destination: string,
  mode: "ro" | "rw",
  propagation = "rprivate",
): SpecMount {
  const options = ["rbind", propagation, mode, "nosuid"];
  return { destination, type: "bind", source, options };
}
