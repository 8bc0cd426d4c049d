import type { Settings } from "@ballast/model";

/** A container as the settings describe it. */
export type WorkloadSpec = Settings["containers"][string];

/** Of all workloads of the machine. */
export interface WorkloadNetwork {
  readonly subnet: string;
  /** The machine's resolver on the bridge. */
  readonly resolver: string;
}

/** What is wanted of one container. The hash tells whether one that runs is still it. */
export interface Workload {
  readonly name: string;
  readonly spec: WorkloadSpec;
  readonly network: WorkloadNetwork;
  readonly hash: string;
}

/** Ports of the machine that a workload takes, each as `8080/tcp` or `127.0.0.1:8080/tcp`. */
export type PortList = readonly string[];

/** What runs one workload's containers: its network and its other namespaces. */
export interface ActualSandbox {
  readonly id: string;
  readonly name: string;
  readonly hash: string;
  /** False after a reboot, and when what holds its namespaces has ended. */
  readonly isReady: boolean;
  readonly ports: PortList;
  /** Whom it required when it was made; it goes before them. */
  readonly requires?: readonly string[];
}

export type ContainerState = "created" | "running" | "exited" | "unknown";

export interface ActualContainer {
  readonly id: string;
  readonly sandboxId: string;
  readonly state: ContainerState;
  /** 0 for the first of its sandbox, one more for each restart. */
  readonly attempt: number;
  /** Of the image that it was made from. */
  readonly imageId: string;
  readonly createdAtMs: number;
  /** Of an ended container; by the machine's clock. */
  readonly exit?: {
    readonly code: number;
    /** Why it ended, where that is not its own doing. */
    readonly reason?: string;
    readonly startedAtMs: number;
    readonly atMs: number;
  };
}

/** Everything of ours that containerd has. */
export interface Actual {
  readonly sandboxes: readonly ActualSandbox[];
  readonly containers: readonly ActualContainer[];
}
