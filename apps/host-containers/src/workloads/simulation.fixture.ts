import { checkOf } from "../health/check.ts";
import { FRESH, type CheckState } from "../health/check-state.ts";
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
  health = new Map<string, CheckState>();
  /** As the last pass had it. */
  blocked: ReadonlyMap<string, string> = new Map();
  nowMs = 1_000_000;
  #count = 0;

  /** One pass of the manager; `fails` says of each action whether it fails. */
  pass(fails: () => boolean): Action[] {
    this.#followHealth();
    this.memories = remember(this.memories, this.desired, this, this.health);
    const { desired, memories, nowMs, sandboxes, containers, health } = this;
    const actual = { sandboxes, containers };
    const world = { desired, actual, memories, health, busy: new Set<string>(), nowMs };
    const { actions, blocked, wakeAtMs } = plan(world);
    this.blocked = blocked;
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
    this.health.clear();
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

  /** A check of one that runs says so. */
  judge(index: number, isGood: boolean): void {
    this.#followHealth();
    const id = [...this.health.keys()][index % this.health.size];
    if (id === undefined) return;
    const bad = { failures: 3, reason: "no", unhealthySinceMs: this.nowMs };
    this.health.set(
      id,
      isGood ? { ...FRESH, status: "healthy" } : { ...FRESH, ...bad, status: "unhealthy" },
    );
  }

  /** The first check of each that is new succeeds; whether there was one. */
  judgeNew(): boolean {
    this.#followHealth();
    const fresh = [...this.health].filter(([, { status }]) => status === "starting");
    for (const [id] of fresh) this.health.set(id, { ...FRESH, status: "healthy" });
    return fresh.length > 0;
  }

  /** Whether what requires it may start. */
  isThere(name: string): boolean {
    const wanted = this.desired.find((workload) => workload.name === name);
    const sandbox = this.sandboxes.find(
      (one) => one.name === name && one.isReady && one.hash === wanted?.hash,
    );
    const own = this.containers.filter(({ sandboxId }) => sandboxId === sandbox?.id);
    const newest = own.find(
      ({ attempt }) => attempt === Math.max(...own.map((one) => one.attempt)),
    );
    if (wanted === undefined || newest === undefined) return false;
    if (newest.state === "exited")
      return wanted.spec.restart !== "always" && newest.exit?.code === 0;
    const isGood =
      checkOf(wanted.spec) === undefined
        ? wanted.spec.restart !== "never"
        : this.health.get(newest.id)?.status === "healthy";
    return newest.state === "running" && isGood;
  }

  /** Knows nothing of what runs no more, and begins to look at what does. */
  #followHealth(): void {
    const specs = new Map(this.desired.map(({ name, spec }) => [name, spec]));
    const names = new Map(this.sandboxes.map(({ id, name }) => [id, name]));
    const checked = this.containers.filter(({ sandboxId, state }) => {
      const spec = specs.get(names.get(sandboxId) ?? "");
      return state === "running" && spec !== undefined && checkOf(spec) !== undefined;
    });
    this.health = new Map(checked.map(({ id }) => [id, this.health.get(id) ?? FRESH]));
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
      const isSick = this.health.get(action.containerId)?.status === "unhealthy";
      must(container?.state !== "running" || this.#hasSuccessor(container), "removes what runs");
      must(
        container?.state !== "running" || isSick || !this.#knows(container),
        "removes what is well",
      );
    }
    const isFirst =
      action.do === "create-sandbox" ||
      (action.do === "create-container" && action.attempt === 0) ||
      (action.do === "start-container" &&
        this.containers.find(({ id }) => id === action.containerId)?.attempt === 0);
    if (isFirst)
      for (const required of wanted?.spec.requires ?? [])
        must(this.isThere(required), `starts ${name} before ${required}`);
  }

  #hasSuccessor({ sandboxId, attempt }: ActualContainer): boolean {
    return this.containers.some((one) => one.sandboxId === sandboxId && one.attempt > attempt);
  }

  /** Whether anything was found out about it: a manager that begins anew has yet to look. */
  #knows({ id }: ActualContainer): boolean {
    return (this.health.get(id) ?? FRESH).status !== "starting";
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
        this.sandboxes.push({
          id,
          name,
          hash,
          isReady: true,
          ports: publishedPorts(spec),
          requires: spec.requires ?? [],
        });
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
