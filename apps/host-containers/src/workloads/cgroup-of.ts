/** All workloads together, so that the machine's own services have the rest for themselves. */
export const CGROUP_PARENT = "ballast-containers.slice";

/** The control group of a container, below the root of control groups, as containerd's CRI and runc have systemd make it. */
export function cgroupOf(containerId: string): string {
  return `/ballast.slice/${CGROUP_PARENT}/cri-containerd-${containerId}.scope`;
}
