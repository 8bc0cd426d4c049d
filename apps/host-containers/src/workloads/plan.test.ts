import { describe, expect, it } from "vitest";
import { FRESH, type CheckState } from "../health/check-state.ts";
import { freshMemory, type Memory } from "./memory.ts";
import { plan, type World } from "./plan.ts";
import { specOf, workloadOf } from "./workload.fixture.ts";
import type { ActualContainer, ActualSandbox, Workload, WorkloadSpec } from "./workload.ts";

const NOW_MS = 1_000_000_000;
const web = workloadOf("web");

function sandboxOf(workload: Workload, more: Partial<ActualSandbox> = {}): ActualSandbox {
  const { name, hash } = workload;
  return { id: `s-${name}`, name, hash, isReady: true, ports: [], ...more };
}

function containerOf(more: Partial<ActualContainer> = {}): ActualContainer {
  const made = { attempt: 0, imageId: "i", createdAtMs: NOW_MS - 1000 };
  return { id: "c0", sandboxId: "s-web", state: "running", ...made, ...more };
}

function exited(code: number, agoMs: number, more: Partial<ActualContainer> = {}) {
  const atMs = NOW_MS - agoMs;
  return containerOf({ state: "exited", exit: { code, startedAtMs: atMs - 10, atMs }, ...more });
}

interface Given {
  readonly desired?: readonly Workload[];
  readonly sandboxes?: readonly ActualSandbox[];
  readonly containers?: readonly ActualContainer[];
  readonly memory?: Partial<Memory>;
  readonly busy?: readonly string[];
  /** Of the container `c0`. */
  readonly health?: Partial<CheckState>;
}

function stepsOf({
  desired = [web],
  sandboxes = [],
  containers = [],
  memory,
  busy = [],
  health,
}: Given) {
  const world: World = {
    desired,
    actual: { sandboxes, containers },
    memories: new Map([["web", { ...freshMemory(web.hash), ...memory }]]),
    health: new Map(health === undefined ? [] : [["c0", { ...FRESH, ...health }]]),
    busy: new Set(busy),
    nowMs: NOW_MS,
  };
  const { actions, blocked, wakeAtMs } = plan(world);
  const steps = actions.map((action) => {
    switch (action.do) {
      case "remove-sandbox":
        return `remove-sandbox ${action.sandboxId}`;
      case "create-container":
        return `create-container ${action.attempt} of ${action.imageId} in ${action.sandboxId}`;
      case "start-container":
      case "remove-container":
        return `${action.do} ${action.containerId}`;
      case "prepare-image":
      case "create-sandbox":
        break;
    }
    return `${action.do} ${action.name}`;
  });
  steps.push(...[...blocked].map(([name, reason]) => `${name} ${reason}`));
  return wakeAtMs === undefined ? steps : [...steps, `in ${wakeAtMs - NOW_MS} ms`];
}

/** With a check. */
function frail(more: Partial<WorkloadSpec> = {}, name = "web"): Workload {
  const health = { ...specOf().health, port: 80 };
  return workloadOf(name, { health, ...more });
}

const checkedDb = frail({}, "db");
const once = workloadOf("db", { restart: "never" });

function dbOf(more: Partial<ActualContainer> = {}): ActualContainer {
  return containerOf({ sandboxId: "s-db", ...more });
}

function endedDb(code: number): ActualContainer {
  return exited(code, 5000, { sandboxId: "s-db" });
}

const ready = { sandboxes: [sandboxOf(web)] };

describe("plan()", () => {
  it.each<[string, Given, readonly string[]]>([
    ["nothing wanted, nothing there", { desired: [] }, []],
    ["new: the image first", {}, ["prepare-image web"]],
    ["then the sandbox", { memory: { imageId: "i" } }, ["create-sandbox web"]],
    [
      "then the container",
      { ...ready, memory: { imageId: "i" } },
      ["create-container 0 of i in s-web"],
    ],
    [
      "then its start",
      { ...ready, containers: [containerOf({ state: "created" })] },
      ["start-container c0"],
    ],
    ["it runs", { ...ready, containers: [containerOf()] }, []],
    ["a manager that is new finds what runs", { ...ready, containers: [containerOf()] }, []],
    ["a new manager, and no container yet", ready, ["prepare-image web"]],
    ["deleted", { ...ready, desired: [], containers: [containerOf()] }, ["remove-sandbox s-web"]],
    [
      "changed",
      { sandboxes: [sandboxOf(web, { hash: "other" })], containers: [containerOf()] },
      ["remove-sandbox s-web"],
    ],
    [
      "after a reboot",
      { sandboxes: [sandboxOf(web, { isReady: false })] },
      ["remove-sandbox s-web"],
    ],
    [
      "two of it",
      { sandboxes: [sandboxOf(web), sandboxOf(web, { id: "s2" })], containers: [containerOf()] },
      ["remove-sandbox s2"],
    ],
    [
      "in an unknown state",
      { ...ready, containers: [containerOf({ state: "unknown" })] },
      ["remove-container c0"],
    ],
    ["while a step is under way", { busy: ["web"] }, []],
    ["after a failure, too early", { memory: { retryAtMs: NOW_MS + 5 } }, ["in 5 ms"]],
    ["after a failure, in time", { memory: { retryAtMs: NOW_MS } }, ["prepare-image web"]],
    [
      "nothing to do needs no time",
      { ...ready, containers: [containerOf()], memory: { retryAtMs: NOW_MS + 5 } },
      [],
    ],
  ])("%s", (_, given, steps) => {
    expect(stepsOf(given)).toEqual(steps);
  });

  it.each<[string, Given, readonly string[]]>([
    ["ended just now", { containers: [exited(0, 0)], memory: { exits: 1 } }, ["in 1000 ms"]],
    [
      "ended a second ago",
      { containers: [exited(0, 1000)], memory: { exits: 1 } },
      ["create-container 1 of i in s-web"],
    ],
    [
      "ended for the fifth time",
      { containers: [exited(1, 1000)], memory: { exits: 5 } },
      ["in 15000 ms"],
    ],
    [
      "ended in the future, by a clock that was set back",
      {
        containers: [exited(0, -90_000_000)],
        memory: { exits: 1 },
      },
      ["in 1000 ms"],
    ],
    [
      "the next one is there, the ended one goes",
      {
        containers: [exited(0, 5000), containerOf({ id: "c1", attempt: 1, state: "created" })],
      },
      ["remove-container c0"],
    ],
    [
      "its image has gone",
      {
        containers: [exited(0, 5000)],
        memory: { isImageGone: true },
      },
      ["prepare-image web"],
    ],
  ])("restart: %s", (_, given, steps) => {
    expect(stepsOf({ ...ready, ...given })).toEqual(steps);
  });

  it.each([
    ["always", 0, true],
    ["always", 3, true],
    ["on-failure", 0, false],
    ["on-failure", 3, true],
    ["never", 0, false],
    ["never", 3, false],
  ] as const)("restart %s after exit code %d: %s", (restart, code, isRestarted) => {
    const desired = [workloadOf("web", { restart })];
    const sandboxes = desired.map((workload) => sandboxOf(workload));
    const steps = stepsOf({ desired, sandboxes, containers: [exited(code, 5000)] });
    expect(steps).toEqual(isRestarted ? ["create-container 1 of i in s-web"] : []);
  });

  it.each<[string, Given, readonly string[]]>([
    ["just now", { memory: { exits: 1 } }, ["in 1000 ms"]],
    [
      "long enough: the next one is made beside it",
      { health: { unhealthySinceMs: NOW_MS - 1000 }, memory: { exits: 1 } },
      ["create-container 1 of i in s-web"],
    ],
    [
      "then it goes",
      { containers: [containerOf(), containerOf({ id: "c1", attempt: 1, state: "created" })] },
      ["remove-container c0"],
    ],
    ["which it does not if its restart is never", { desired: [frail({ restart: "never" })] }, []],
    [
      "which it does not if that is only told",
      { desired: [frail({ health: { ...frail().spec.health, "on-unhealthy": "report" } })] },
      [],
    ],
  ])("unhealthy: %s", (_, given, steps) => {
    const containers = [containerOf()];
    const health = { status: "unhealthy", unhealthySinceMs: NOW_MS } as const;
    const desired = given.desired ?? [frail()];
    const sandboxes = desired.map((workload) => sandboxOf(workload));
    expect(stepsOf({ containers, health, desired, sandboxes, ...given })).toEqual(steps);
  });

  it.each<[string, Given, readonly string[]]>([
    ["is not there", { sandboxes: [] }, []],
    ["is not wanted", { desired: [web] }, ["web waits for db, which is disabled"]],
    ["is created", { containers: [dbOf({ state: "created" })] }, []],
    ["runs, and has no check", { containers: [dbOf()] }, ["create-sandbox web"]],
    ["has not been healthy", { desired: [web, checkedDb], containers: [dbOf()], health: {} }, []],
    [
      "is healthy",
      { desired: [web, checkedDb], containers: [dbOf()], health: { status: "healthy" } },
      ["create-sandbox web"],
    ],
    [
      "has ended with 0 for good",
      { desired: [web, once], containers: [endedDb(0)] },
      ["create-sandbox web"],
    ],
    ["runs once and is about it", { desired: [web, once], containers: [dbOf()] }, []],
    ["has failed for good", { desired: [web, once], containers: [endedDb(1)] }, []],
    ["has ended and is started again", { containers: [endedDb(0)], memory: { imageId: "i" } }, []],
  ])("starts what requires one that %s only after it", (_, given, steps) => {
    const desired = given.desired ?? [web, workloadOf("db")];
    const sandboxes = desired.filter(({ name }) => name === "db").map((one) => sandboxOf(one));
    const all = { desired, sandboxes, memory: { imageId: "i" }, busy: ["db"], ...given };
    const expected = steps.length > 0 ? steps : ["web waits for db"];
    const needy = desired.map((one) =>
      one === web ? workloadOf("web", { requires: ["db"] }) : one,
    );
    expect(stepsOf({ ...all, desired: needy })).toEqual(expected);
  });

  it("starts again what required one that has gone since", () => {
    const desired = [workloadOf("web", { requires: ["db"] })];
    expect(stepsOf({ ...ready, desired, containers: [containerOf()] })).toEqual([]);
    expect(stepsOf({ ...ready, desired, containers: [exited(1, 5000)] })).toEqual([
      "create-container 1 of i in s-web",
    ]);
    const second = containerOf({ attempt: 1, state: "created" });
    expect(stepsOf({ ...ready, desired, containers: [second] })).toEqual(["start-container c0"]);
    const first = containerOf({ state: "created" });
    expect(stepsOf({ ...ready, desired, containers: [first] })).toEqual([
      "web waits for db, which is disabled",
    ]);
  });

  it("waits for a port until the one that has it has gone", () => {
    const desired = [workloadOf("web", { ports: ["8080:80"] })];
    const old = sandboxOf(workloadOf("old"), { ports: ["8080/tcp"] });
    const memory = { imageId: "i" };
    expect(stepsOf({ desired, sandboxes: [old], memory })).toEqual(["remove-sandbox s-old"]);
    expect(stepsOf({ desired, sandboxes: [old], memory, busy: ["old"] })).toEqual([]);
    expect(stepsOf({ desired, memory })).toEqual(["create-sandbox web"]);
    const other = sandboxOf(workloadOf("old"), { ports: ["8080/udp"] });
    expect(stepsOf({ desired, sandboxes: [other], memory, busy: ["old"] })).toEqual([
      "create-sandbox web",
    ]);
  });
});

describe("what goes at the same time", () => {
  const [db, cache] = [workloadOf("db"), workloadOf("cache")];
  const sandboxes = [
    sandboxOf(db),
    sandboxOf(cache, { requires: ["db"] }),
    sandboxOf(web, { requires: ["cache"] }),
  ];

  it("goes after those that require it", () => {
    expect(stepsOf({ desired: [], sandboxes })).toEqual(["remove-sandbox s-web"]);
    const two = sandboxes.slice(0, 2);
    expect(stepsOf({ desired: [], sandboxes: two })).toEqual(["remove-sandbox s-cache"]);
    expect(stepsOf({ desired: [], sandboxes: two, busy: ["cache"] })).toEqual([]);
  });

  it("does not wait for one that stays, fails to go, or goes round in a circle", () => {
    const memory = { failures: 1, retryAtMs: NOW_MS + 5 };
    const pair = [sandboxOf(db), sandboxOf(web, { requires: ["db"] })];
    expect(stepsOf({ desired: [], sandboxes: pair, memory })).toEqual([
      "remove-sandbox s-db",
      "in 5 ms",
    ]);
    expect(stepsOf({ desired: [web], sandboxes: pair })).toContain("remove-sandbox s-db");
    const circle = [sandboxOf(db, { requires: ["web"] }), sandboxOf(web, { requires: ["db"] })];
    expect(stepsOf({ desired: [], sandboxes: circle })).toEqual([
      "remove-sandbox s-db",
      "remove-sandbox s-web",
    ]);
  });
});
