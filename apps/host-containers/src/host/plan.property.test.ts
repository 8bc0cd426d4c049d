import * as fc from "fast-check";
import { expect, it } from "vitest";
import { noticeFailure, noticeImage, noticeSuccess, type Memory } from "../workloads/memory.ts";
import type { ActualHost, HostContainer } from "./host-container.ts";
import { rememberHost } from "./memory.ts";
import { planHost, type HostAction } from "./plan.ts";

function containerOf(name: string, source: string): HostContainer {
  const common = { command: undefined, userData: undefined, resources: {}, hasApi: true };
  return { kind: "host", name, source, privileges: "default", hash: `of ${source}`, ...common };
}

/** containerd and the machine in memory: does what it is told, or fails, and things happen to it. */
class Simulation {
  actual = new Map<string, ActualHost>();
  attached = new Set<string>();
  memories = new Map<string, Memory>();
  desired: readonly HostContainer[] = [];
  nowMs = 1_000_000;
  #pid = 0;

  pass(fails: () => boolean): readonly HostAction[] {
    const actual = [...this.actual.values()];
    const { desired, attached, nowMs } = this;
    this.memories = rememberHost(this.memories, desired, actual);
    const { memories } = this;
    const world = { desired, actual, memories, attached, busy: new Set<string>(), nowMs };
    const { actions, waits } = planHost(world);
    must(new Set(actions.map(({ name }) => name)).size === actions.length, "two steps for one");
    for (const waitMs of waits.values())
      must(waitMs > nowMs && waitMs - nowMs <= 450_000, `a wait of ${waitMs - nowMs} ms`);
    for (const action of actions) this.#carryOut(action, fails());
    if (actions.length === 0 && waits.size > 0) this.nowMs = Math.min(...waits.values());
    return actions;
  }

  /** The manager was killed and started again. */
  forget(): void {
    this.memories.clear();
    this.attached.clear();
  }

  reboot(): void {
    for (const [name, { task: _, ...rest }] of this.actual) this.actual.set(name, rest);
    this.forget();
  }

  crash(name: string): void {
    const one = this.actual.get(name);
    if (one?.task?.state !== "running") return;
    const exit = { code: 1, atMs: this.nowMs };
    this.actual.set(name, { ...one, task: { state: "stopped", pid: one.task.pid, exit } });
  }

  #change(name: string, change: (memory: Memory) => Memory): void {
    const memory = this.memories.get(name);
    if (memory !== undefined) this.memories.set(name, change(memory));
  }

  #carryOut(action: HostAction, fails: boolean): void {
    const { name } = action;
    const one = this.actual.get(name);
    const wanted = this.desired.find((container) => container.name === name);
    const isRight = one?.task?.state === "running" && one.hash === wanted?.hash;
    // What is wanted and runs is neither removed nor run anew.
    must(!isRight || (action.do !== "run" && action.do !== "remove"), "an end of what is wanted");
    if (fails) {
      // A run that fails may have come as far as the record.
      if (action.do === "run") this.#put(action);
      this.#change(name, (memory) => noticeFailure(memory, "it fails", this.nowMs, 0));
      return;
    }
    switch (action.do) {
      case "prepare-image":
        this.#change(name, (memory) => noticeImage(memory, { id: "image" }));
        break;
      case "run":
        this.#put(action, { state: "running", pid: ++this.#pid });
        this.attached.add(name);
        break;
      case "adopt":
        this.attached.add(name);
        break;
      case "remove":
        this.actual.delete(name);
        this.attached.delete(name);
        break;
    }
    if (action.do !== "prepare-image") this.#change(name, noticeSuccess);
  }

  #put(action: HostAction & { readonly do: "run" }, task?: ActualHost["task"]): void {
    const { name, container, imageId, attempt } = action;
    const made = { name, hash: container.hash, imageId, attempt, startedAtMs: this.nowMs };
    this.actual.set(name, { ...made, ...(task === undefined ? {} : { task }) });
  }
}

function must(isTrue: boolean, fault: string): void {
  if (!isTrue) throw new Error(`the plan has ${fault}`);
}

const NAMES = ["a", "b", "c"] as const;
const desired = fc
  .dictionary(fc.constantFrom(...NAMES), fc.constantFrom("x:1", "x:2"))
  .map((all) => Object.entries(all).map(([name, source]) => containerOf(name, source)));
const happening = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("pass"), fails: fc.array(fc.boolean()) } as const),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("want"), desired } as const) },
  fc.record({ kind: fc.constant("forget") } as const),
  fc.record({ kind: fc.constant("reboot") } as const),
  fc.record({ kind: fc.constant("crash"), name: fc.constantFrom(...NAMES) } as const),
);

it("whatever happened, once nothing fails any more what is wanted runs and is read, and nothing else is there", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 40 }), desired, (story, last) => {
      const simulation = new Simulation();
      for (const event of story) {
        if (event.kind === "want") simulation.desired = event.desired;
        if (event.kind === "forget") simulation.forget();
        if (event.kind === "reboot") simulation.reboot();
        if (event.kind === "crash") simulation.crash(event.name);
        if (event.kind === "pass") {
          const fails = [...event.fails];
          simulation.pass(() => fails.pop() ?? false);
        }
      }
      simulation.desired = last;
      let quiet = 0;
      // Of three names each has one thing to remove, three steps to run, and a wait before each.
      for (let passes = 0; quiet < 2; passes++) {
        expect(passes).toBeLessThan(40);
        const beforeMs = simulation.nowMs;
        const actions = simulation.pass(() => false);
        quiet = actions.length === 0 && simulation.nowMs === beforeMs ? quiet + 1 : 0;
      }
      const names = last.map(({ name }) => name).toSorted();
      expect([...simulation.actual.keys()].toSorted()).toEqual(names);
      expect([...simulation.attached].toSorted()).toEqual(names);
      for (const { name, hash } of last)
        expect(simulation.actual.get(name)).toMatchObject({ hash, task: { state: "running" } });
    }),
    { numRuns: 500 },
  );
});
