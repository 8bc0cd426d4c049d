/** Where host and bootstrap containers have their things. */
export interface HostPlaces {
  /** The settings that the API server rendered, see `desired.ts`. */
  readonly config: string;
  /** Those that run when the machine starts; there only if some are to. */
  readonly bootstrapConfig: string;
  /** Of the containerd that is theirs. */
  readonly socket: string;
  /** Is there while that containerd is to run: `host-containerd.path` looks for it. */
  readonly marker: string;
  /** Parent of what outlives them: `host/NAME` and `bootstrap/NAME`. */
  readonly storage: string;
  /** Parent of the folders of the API's sockets, which the API server makes. */
  readonly apiSockets: string;
  /** Folder of the FIFOs that they write to. */
  readonly stdio: string;
  /** journald's socket for streams. */
  readonly journal: string;
  /** What images may take of the disk. */
  readonly imageBudget: string;
  /** What the API server reads to tell how they are. */
  readonly state: string;
  /** The same of bootstrap containers. */
  readonly bootstrapState: string;
  /** Variables for programs that fetch from elsewhere, if there is a proxy. */
  readonly proxy: string;
}

export const HOST_PLACES: HostPlaces = {
  config: "/run/ballast/etc/host-containers.json",
  bootstrapConfig: "/run/ballast/etc/bootstrap-containers/containers.json",
  socket: "/run/host-containerd/containerd.sock",
  marker: "/run/ballast/containers/host-wanted",
  storage: "/var/lib/ballast-containers",
  apiSockets: "/run/ballast/host-containers",
  stdio: "/run/ballast/containers/stdio",
  journal: "/run/systemd/journal/stdout",
  imageBudget: "/run/ballast/etc/image-budget.json",
  state: "/run/ballast/containers/host.json",
  bootstrapState: "/run/ballast/containers/bootstrap.json",
  proxy: "/run/ballast/etc/proxy/proxy.env",
};
