import { isStatus } from "@ballast/containerd";
import { errorFields } from "@ballast/service";
import { Digests } from "../images/digests.ts";
import { prepareImage } from "../images/prepare-image.ts";
import { failureReason } from "../workloads/failure-reason.ts";
import {
  noticeFailure,
  noticeImage,
  noticeImageGone,
  noticeSuccess,
  type Memory,
} from "../workloads/memory.ts";
import type { StateFile } from "../workloads/state-file.ts";
import { HostContainerd, type HostEdge } from "./containerd.ts";
import { idOf, titleOf, type HostContainer } from "./host-container.ts";
import { judgeHost } from "./judge-host.ts";
import { rememberHost } from "./memory.ts";
import { planHost, type HostAction } from "./plan.ts";

const KIND = "host";

/** Brings the host containers to what is wanted, one pass after another. */
export class HostManager {
  readonly #edge: HostEdge;
  readonly #containerd: HostContainerd;
  readonly #onChange: () => void;
  readonly #state: StateFile;
  readonly #digests: Digests;
  /** Images that are used or wanted. */
  #kept: readonly string[] | undefined;
  #memories = new Map<string, Memory>();
  readonly #running = new Map<string, Promise<void>>();

  /** `onChange` is called when a pass may find something new to do; `state` gets how containers are, at each pass. */
  constructor(edge: HostEdge, onChange: () => void, state: StateFile) {
    this.#edge = edge;
    this.#containerd = new HostContainerd(edge, () => this.#kept);
    this.#onChange = onChange;
    this.#state = state;
    this.#digests = new Digests(this.#containerd.imageEdge.images, edge.signal);
  }

  /** One look at everything; starts what is to be done. Returns when the next look is due if nothing happens. */
  async pass(desired: readonly HostContainer[]): Promise<number | undefined> {
    // As it is now: what ends while containerd is asked may not be in the answer, and would be done twice.
    const busy = new Set(this.#running.keys());
    const actual = await this.#containerd.list(KIND);
    this.#kept = [...desired.map(({ source }) => source), ...actual.map((one) => one.imageId)];
    this.#memories = rememberHost(this.#memories, desired, actual);
    const attached = new Set(
      actual.map(({ name }) => name).filter((name) => this.#edge.outputs.has(idOfName(name))),
    );
    const nowMs = Date.now();
    const world = { desired, actual, memories: this.#memories, attached, busy, nowMs };
    const { actions, waits } = planHost(world);
    for (const action of actions) this.#start(action);
    await this.#state.write(judgeHost(world, waits, await this.#digests.of(actual)));
    return waits.size === 0 ? undefined : Math.min(...waits.values());
  }

  /** Calls back at what containerd tells, for as long as it can be heard. */
  listen(): Promise<void> {
    return this.#containerd.listen(this.#onChange);
  }

  /** Waits for the steps under way; those that take time end with the edge's signal. */
  async settle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #start(action: HostAction): void {
    const { name } = action;
    const running = this.#carryOut(action).finally(() => {
      this.#running.delete(name);
      this.#onChange();
    });
    this.#running.set(name, running);
  }

  async #carryOut(action: HostAction): Promise<void> {
    const { log, signal } = this.#edge;
    const { name } = action;
    const container = titleOf({ kind: KIND, name });
    const startMs = performance.now();
    try {
      await this.#perform(action, container);
      if (action.do !== "prepare-image") this.#change(name, noticeSuccess);
      const took = Math.round(performance.now() - startMs);
      log.info(DONE[action.do], { container, took_ms: took });
    } catch (error) {
      if (signal.aborted) return;
      const step = action.do;
      log.error("A step failed and is tried again", { container, step, ...errorFields(error) });
      if (step === "run" && isStatus(error, "not-found")) this.#change(name, noticeImageGone);
      const reason = failureReason(error);
      this.#change(name, (memory) => noticeFailure(memory, reason, Date.now(), Math.random()));
    }
  }

  async #perform(action: HostAction, title: string): Promise<void> {
    const id = idOfName(action.name);
    switch (action.do) {
      case "prepare-image": {
        const wanted = { name: title, image: action.container.source };
        const image = await prepareImage(this.#containerd.imageEdge, wanted);
        this.#change(action.name, (memory) => noticeImage(memory, image));
        break;
      }
      case "run":
        await this.#containerd.run(action.container, action);
        break;
      case "adopt":
        await this.#edge.outputs.open(id);
        break;
      case "remove":
        await this.#containerd.remove(id);
        break;
    }
  }

  /** A name that is no longer there by the time that its step ended needs no memory. */
  #change(name: string, change: (memory: Memory) => Memory): void {
    const memory = this.#memories.get(name);
    if (memory !== undefined) this.#memories.set(name, change(memory));
  }
}

function idOfName(name: string) {
  return idOf({ kind: KIND, name });
}

const DONE: Readonly<Record<HostAction["do"], string>> = {
  "prepare-image": "Image is ready",
  run: "Started a container",
  adopt: "Took over a container",
  remove: "Removed a container",
};
