import type { HostId } from "./host-container.ts";

/** All together, so that the machine's own services have the rest for themselves. */
const PARENT = ["ballast.slice", "ballast-host.slice"] as const;

/** Where runc makes the control group of a container: by systemd as a scope of a slice, else as a folder. */
export function cgroupsPath(id: HostId, systemdCgroup: boolean): string {
  return systemdCgroup ? `${PARENT[1]}:ballast:${id}` : `/${PARENT[1]}/${id}`;
}

/** The control group that systemd makes of that, below the root of control groups: a dash in a name is a level. */
export function cgroupOf(id: HostId): string {
  return `/${PARENT.join("/")}/ballast-${id}.scope`;
}
