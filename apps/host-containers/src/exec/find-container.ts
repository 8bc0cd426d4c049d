import { existsSync } from "node:fs";
import { Channel, createClient, isStatus, type Client } from "@ballast/containerd";
import { ContainerState, type RuntimeService } from "@ballast/containerd/cri";
import { Containers, Tasks } from "@ballast/containerd/services";
import { LABEL } from "../workloads/labels.ts";
import type { FoundContainer, Kind, Lookup } from "./exec-target.ts";

const NAMESPACE = "k8s.io";
/** Of a task (containerd's api/types/task): RUNNING. */
const RUNNING = 2;

export interface Containerd {
  readonly containers: Client<typeof Containers>;
  readonly tasks: Client<typeof Tasks>;
}

/** The containerds of the machine: that of workloads, and the one of host and bootstrap containers, if it is there. */
export class Containerds implements Disposable {
  readonly #runtime: Client<typeof RuntimeService>;
  readonly #hostSocket: string;
  readonly #hostChannel: Channel;
  readonly #workloads: Containerd;
  readonly #host: Containerd;

  constructor(channel: Channel, runtime: Client<typeof RuntimeService>, hostSocket: string) {
    this.#runtime = runtime;
    this.#hostSocket = hostSocket;
    this.#hostChannel = new Channel(hostSocket);
    this.#workloads = clientsOf(channel);
    this.#host = clientsOf(this.#hostChannel);
  }

  of(kind: Kind): Containerd {
    return kind === "workload" ? this.#workloads : this.#host;
  }

  /** Whether the containerd of the kind runs on this machine at all: that of host containers only does when one is wanted. */
  has(kind: Kind): boolean {
    return kind === "workload" || existsSync(this.#hostSocket);
  }

  async find(kind: Kind, name: string, signal: AbortSignal): Promise<Lookup> {
    if (!this.has(kind)) return "absent";
    return kind === "workload"
      ? this.#findWorkload(name, signal)
      : this.#findTask(kind, name, signal);
  }

  async #findWorkload(name: string, signal: AbortSignal): Promise<Lookup> {
    const labelSelector = { [LABEL.name]: name };
    const options = { signal, act: `look for container "${name}"` };
    const { containers } = await this.#runtime.listContainers(
      { filter: { labelSelector } },
      options,
    );
    const id = containers.find(({ state }) => state === ContainerState.CONTAINER_RUNNING)?.id;
    if (id !== undefined) return { kind: "workload", name, id };
    if (containers.length > 0) return "stopped";
    const { items } = await this.#runtime.listPodSandbox({ filter: { labelSelector } }, options);
    return items.length > 0 ? "stopped" : "absent";
  }

  async #findTask(kind: Kind, name: string, signal: AbortSignal): Promise<Lookup> {
    const found: FoundContainer = { kind, name, id: `${kind}-${name}` };
    const { tasks, containers } = this.of(kind);
    const options = { signal, act: `look for container "${kind}/${name}"` };
    try {
      const { process } = await tasks.get({ containerId: found.id }, options);
      return Number(process?.status) === RUNNING ? found : "stopped";
    } catch (error) {
      if (!isStatus(error, "not-found")) throw error;
    }
    try {
      await containers.get({ id: found.id }, options);
      return "stopped";
    } catch (error) {
      if (isStatus(error, "not-found")) return "absent";
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#hostChannel[Symbol.dispose]();
  }
}

function clientsOf(channel: Channel): Containerd {
  const scope = { namespace: NAMESPACE };
  return {
    containers: createClient(Containers, channel, scope),
    tasks: createClient(Tasks, channel, scope),
  };
}
