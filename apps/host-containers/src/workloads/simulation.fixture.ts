import { noticeFailure, noticeImage, noticeSuccess, remember, type Memory } from "./memory.ts";
import { plan, type Action } from "./plan.ts";
import { publishedPorts } from "./published-ports.ts";
import type { ActualContainer, ActualSandbox, Workload } from "./workload.ts";

/** containerd and the machine in memory: does what it is told, or fails, and things happen to it. */
export class Simulation {
  sandboxes: ActualSandbox[] = [];
  containers: ActualContainer[] = [];
  memories = new Map<string, Memory>();
  desired: readonly Workload[] = [];
  nowMs = 1_000_000;
  #count = 0;

  /** One pass of the manager; `fails` says of each action whether it fails. */
  pass(fails: () => boolean): Action[] {
    this.memories = remember(this.memories, this.desired, this);
    const { desired, memories, nowMs, sandboxes, containers } = this;
    const actual = { sandboxes, containers };
    const { actions, wakeAtMs } = plan({ desired, actual, memories, busy: new Set(), nowMs });
    for (const action of actions) this.#check(action);
    for (const action of actions) this.#carryOut(action, fails());
    const waitMs = (wakeAtMs ?? nowMs + 1) - nowMs;
    must(waitMs > 0 && waitMs <= 450_000, `waits ${waitMs} ms`);
    if (actions.length === 0 && wakeAtMs !== undefined) this.nowMs = wakeAtMs;
    return [...actions];
  }

  /** The manager was killed and started again. */
  forget(): void {
    this.memories.clear();
  }

  reboot(): void {
    this.sandboxes = this.sandboxes.map((sandbox) => ({ ...sandbox, isReady: false }));
    this.containers = this.containers.map((one) => this.#ended(one, 137));
  }

  crash(index: number, code: number): void {
    this.containers = this.containers.map((one, at) =>
      at === index % this.containers.length && one.state === "running"
        ? this.#ended(one, code)
        : one,
    );
  }

  #ended(container: ActualContainer, code: number): ActualContainer {
    const exit = { code, startedAtMs: this.nowMs, atMs: this.nowMs };
    return { ...container, state: "exited", exit };
  }

  #change(name: string, change: (memory: Memory) => Memory): void {
    const memory = this.memories.get(name);
    if (memory !== undefined) this.memories.set(name, change(memory));
  }

  /** What must never be done. */
  #check(action: Action): void {
    const { name } = action;
    const wanted = this.desired.find((workload) => workload.name === name);
    const twins = this.sandboxes.filter((sandbox) => sandbox.name === name);
    if (action.do === "remove-sandbox") {
      const sandbox = twins.find(({ id }) => id === action.sandboxId);
      const isCurrent = sandbox?.isReady === true && sandbox.hash === wanted?.hash;
      must(!isCurrent || twins.length > 1, "removes what is wanted");
    }
    if (action.do === "create-sandbox") {
      const ports = publishedPorts(action.workload.spec);
      const taken = this.sandboxes.flatMap((one) => one.ports);
      must(twins.length === 0, "makes a second sandbox");
      must(!taken.some((port) => ports.includes(port)), "publishes a port that is taken");
    }
    if (action.do === "remove-container") {
      const container = this.containers.find(({ id }) => id === action.containerId);
      must(container?.state !== "running", "removes what runs");
    }
  }

  #carryOut(action: Action, fails: boolean): void {
    const { name } = action;
    if (fails) {
      this.#change(name, (memory) => noticeFailure(memory, "it fails", this.nowMs, 0));
      return;
    }
    const id = `id-${++this.#count}`;
    switch (action.do) {
      case "prepare-image":
        this.#change(name, (memory) => noticeImage(memory, { id: "image" }));
        break;
      case "create-sandbox": {
        const { spec, hash } = action.workload;
        this.sandboxes.push({ id, name, hash, isReady: true, ports: publishedPorts(spec) });
        break;
      }
      case "create-container": {
        const { sandboxId, attempt, imageId } = action;
        const createdAtMs = this.nowMs;
        this.containers.push({ id, sandboxId, state: "created", attempt, imageId, createdAtMs });
        break;
      }
      case "start-container":
        this.containers = this.containers.map((one) =>
          one.id === action.containerId ? { ...one, state: "running" } : one,
        );
        break;
      case "remove-container":
        this.containers = this.containers.filter((one) => one.id !== action.containerId);
        break;
      case "remove-sandbox":
        this.sandboxes = this.sandboxes.filter((one) => one.id !== action.sandboxId);
        this.containers = this.containers.filter((one) => one.sandboxId !== action.sandboxId);
        break;
    }
    if (action.do === "start-container" || action.do === "remove-sandbox")
      this.#change(name, noticeSuccess);
  }
}

function must(isTrue: boolean, fault: string): void {
  if (!isTrue) throw new Error(`the plan ${fault}`);
}
