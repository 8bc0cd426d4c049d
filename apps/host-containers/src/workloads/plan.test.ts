import { describe, expect, it } from "vitest";
import { freshMemory, type Memory } from "./memory.ts";
import { plan, type World } from "./plan.ts";
import { workloadOf } from "./workload.fixture.ts";
import type { ActualContainer, ActualSandbox, Workload } from "./workload.ts";

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
}

function stepsOf({ desired = [web], sandboxes = [], containers = [], memory, busy = [] }: Given) {
  const world: World = {
    desired,
    actual: { sandboxes, containers },
    memories: new Map([["web", { ...freshMemory(web.hash), ...memory }]]),
    busy: new Set(busy),
    nowMs: NOW_MS,
  };
  const { actions, wakeAtMs } = plan(world);
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
  return wakeAtMs === undefined ? steps : [...steps, `in ${wakeAtMs - NOW_MS} ms`];
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
