import { isStatus, type Client } from "@ballast/containerd";
import type { RuntimeService } from "@ballast/containerd/cri";
import type { ActualSandbox } from "../workloads/workload.ts";

/** Where sandboxes are. A sandbox never changes its address. */
export class Addresses {
  readonly #runtime: Client<typeof RuntimeService>;
  readonly #signal: AbortSignal;
  #known = new Map<string, string>();

  constructor(runtime: Client<typeof RuntimeService>, signal: AbortSignal) {
    this.#runtime = runtime;
    this.#signal = signal;
  }

  /** By id of the sandbox; nothing for one that has no network, or has just gone. */
  async of(sandboxes: readonly ActualSandbox[]): Promise<ReadonlyMap<string, string>> {
    const ready = sandboxes.filter(({ isReady }) => isReady);
    const known = new Map<string, string>();
    for (const { id } of ready) {
      const address = this.#known.get(id) ?? (await this.#ask(id));
      if (address !== undefined && address !== "") known.set(id, address);
    }
    this.#known = known;
    return known;
  }

  async #ask(podSandboxId: string): Promise<string | undefined> {
    const options = { signal: this.#signal, act: `read sandbox "${podSandboxId}"` };
    try {
      const { status } = await this.#runtime.podSandboxStatus({ podSandboxId }, options);
      return status?.network?.ip;
    } catch (error) {
      if (isStatus(error, "not-found")) return undefined;
      throw error;
    }
  }
}
