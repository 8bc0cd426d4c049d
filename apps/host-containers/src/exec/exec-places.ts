/** Where commands are asked for and where their pipes lie; the paths of the pipes are containerd's too. */
export interface ExecPlaces {
  /** The socket of this server. */
  readonly socket: string;
  /** Parent of the pipes, one folder for each command. */
  readonly folder: string;
  /** The socket of the containerd of host and bootstrap containers; there only while it runs. */
  readonly hostContainerd: string;
}

export const EXEC_PLACES: ExecPlaces = {
  socket: "/run/ballast/containers/exec.sock",
  folder: "/run/ballast/containers/exec",
  hostContainerd: "/run/host-containerd/containerd.sock",
};
