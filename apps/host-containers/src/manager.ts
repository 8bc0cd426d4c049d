import { isStatus } from "@ballast/containerd";
import type { WorkloadList } from "@ballast/model";
import { errorFields } from "@ballast/service";
import { readActual } from "./actual.ts";
import { Digests } from "./digests.ts";
import { failureReason } from "./failure-reason.ts";
import {
  noticeFailure,
  noticeImage,
  noticeImageGone,
  noticeSuccess,
  remember,
  type Memory,
} from "./memory.ts";
import { perform, type Edge } from "./perform.ts";
import { plan, type Action } from "./plan.ts";
import { judgeWorkloads } from "./judge-workloads.ts";
import type { Workload } from "./workload.ts";

/** Brings containerd to what is wanted, one pass after another, and keeps what must be known from one to the next. */
export class Manager {
  readonly #edge: Edge;
  readonly #onChange: () => void;
  readonly #digests: Digests;
  readonly #publish: (list: WorkloadList) => Promise<void>;
  #memories = new Map<string, Memory>();
  readonly #running = new Map<string, Promise<void>>();

  /** `onChange` is called when a pass may find something new to do; `publish` with how containers are, at each pass. */
  constructor(edge: Edge, onChange: () => void, publish: (list: WorkloadList) => Promise<void>) {
    this.#edge = edge;
    this.#onChange = onChange;
    this.#publish = publish;
    this.#digests = new Digests(edge.images, edge.signal);
  }

  /** One look at everything; starts what is to be done. Returns when the next look is due if nothing happens. */
  async pass(desired: readonly Workload[]): Promise<number | undefined> {
    // As it is now: what ends while containerd is asked may not be in the answer, and would be done twice.
    const busy = new Set(this.#running.keys());
    const actual = await readActual(this.#edge.runtime, this.#edge.signal);
    this.#memories = remember(this.#memories, desired, actual);
    const world = { desired, actual, memories: this.#memories, busy, nowMs: Date.now() };
    const { actions, waits, wakeAtMs } = plan(world);
    for (const action of actions) {
      const running = this.#carryOut(action).finally(() => {
        this.#running.delete(action.name);
        this.#onChange();
      });
      this.#running.set(action.name, running);
    }
    await this.#publish(judgeWorkloads(world, waits, await this.#digests.of(actual.containers)));
    return wakeAtMs;
  }

  /** Waits for the steps under way; those that take time end with the edge's signal. */
  async settle(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  async #carryOut(action: Action): Promise<void> {
    const { log, signal } = this.#edge;
    const { name } = action;
    const startMs = performance.now();
    try {
      const imageId = await perform(this.#edge, action);
      if (imageId !== undefined) this.#change(name, (memory) => noticeImage(memory, imageId));
      if (ENDS_A_CHAIN.has(action.do)) this.#change(name, noticeSuccess);
      log.info(DONE[action.do], {
        container: name,
        took_ms: Math.round(performance.now() - startMs),
      });
    } catch (error) {
      if (signal.aborted) return;
      log.error("A step failed and is tried again", {
        container: name,
        step: action.do,
        ...errorFields(error),
      });
      if (action.do === "create-container" && isStatus(error, "not-found"))
        this.#change(name, noticeImageGone);
      this.#change(name, (memory) =>
        noticeFailure(memory, failureReason(error), Date.now(), Math.random()),
      );
    }
  }

  /** A name that is no longer there by the time that its step ended needs no memory. */
  #change(name: string, change: (memory: Memory) => Memory): void {
    const memory = this.#memories.get(name);
    if (memory !== undefined) this.#memories.set(name, change(memory));
  }
}

const ENDS_A_CHAIN: ReadonlySet<Action["do"]> = new Set(["start-container", "remove-sandbox"]);

const DONE: Readonly<Record<Action["do"], string>> = {
  "prepare-image": "Image is ready",
  "create-sandbox": "Made the network of a container",
  "create-container": "Created a container",
  "start-container": "Started a container",
  "remove-container": "Removed a container that had ended",
  "remove-sandbox": "Removed a container",
};
