/** Where the manager finds and puts things; paths are those of containerd too. */
export interface Places {
  /** The settings that the API server rendered, see `desired.ts`. */
  readonly config: string;
  /** Archives of images that came with the image of this machine. */
  readonly archives: string;
  /** What images may take of the disk, as the API server rendered it. */
  readonly imageBudget: string;
  /** containerd's socket. */
  readonly socket: string;
  /** Parent of the named volumes. */
  readonly volumes: string;
  /** Parent of the containers' logs, one folder each. */
  readonly logs: string;
  /** What the API server reads to tell how containers are. */
  readonly state: string;
  /** Where containerd is told of mounts that the CRI has no words for; as in its configuration. */
  readonly devices: string;
  /** Names and addresses that the machine knows, as the API server rendered them. */
  readonly machineHosts: string;
  /** Those and the containers': every workload has it as `/etc/hosts`. */
  readonly hosts: string;
}

export const PLACES: Places = {
  config: "/run/ballast/etc/containers.json",
  archives: "/usr/lib/ballast/images",
  imageBudget: "/run/ballast/etc/image-budget.json",
  socket: "/run/containerd/containerd.sock",
  volumes: "/var/lib/ballast-containers/volumes",
  logs: "/var/log/containers",
  state: "/run/ballast/containers/state.json",
  devices: "/run/ballast/containers/cdi",
  machineHosts: "/run/ballast/etc/hosts",
  hosts: "/run/ballast/containers/hosts",
};
