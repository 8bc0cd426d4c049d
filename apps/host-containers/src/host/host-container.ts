import type { ContainerKind, Settings } from "@ballast/model";

/** Kinds of containers that work on the machine itself, in a containerd of their own. */
export type HostKind = Exclude<ContainerKind, "workload">;

/** What one may do: see `mounts.ts` and the privileges of `@ballast/containerd/oci`. */
export type PrivilegeSet = "default" | "superpowered" | "bootstrap";

/** A host or a bootstrap container as the settings describe it. */
export interface HostContainer {
  readonly kind: HostKind;
  readonly name: string;
  readonly source: string;
  readonly command: readonly string[] | undefined;
  /** As base64; a secret. */
  readonly userData: string | undefined;
  readonly resources: Settings["host-containers"][string]["resources"];
  readonly privileges: PrivilegeSet;
  /** Whether the API server has a socket for it. Which role it gives is the API server's. */
  readonly hasApi: boolean;
  /** Tells whether one that runs is still the one that is wanted. */
  readonly hash: string;
}

/** What containerd knows it by: its record, its snapshot and its task. */
export type HostId = `${HostKind}-${string}`;

export function idOf({ kind, name }: Pick<HostContainer, "kind" | "name">): HostId {
  return `${kind}-${name}`;
}

/** As commands and logs name it. */
export function titleOf({ kind, name }: Pick<HostContainer, "kind" | "name">): string {
  return `${kind}/${name}`;
}

export interface ActualTask {
  /** One that is paused counts as running. */
  readonly state: "created" | "running" | "stopped";
  readonly pid: number;
  /** Of a stopped one; by the machine's clock. */
  readonly exit?: { readonly code: number; readonly atMs: number };
}

/** A container of ours that containerd has. */
export interface ActualHost {
  readonly name: string;
  readonly hash: string;
  /** 0 for the first run, one more for each restart. */
  readonly attempt: number;
  /** Of the image that it was made from. */
  readonly imageId: string;
  /** When its task was made, as far as there is one. */
  readonly startedAtMs: number;
  /** Nothing after a reboot. */
  readonly task?: ActualTask;
}
