import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, RuntimeService } from "@ballast/containerd/cri";
import { Tasks } from "@ballast/containerd/services";
import { WorkloadList } from "@ballast/model";
import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, SOON, startLab } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const IMAGE = "lab.local/probe:1";
const NAMES = Array.from({ length: 10 }, (_, index) => `many${index}`);
const LATER = { timeout: 30_000 } as const;

let lab: ContainersLab;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let manager: RunningManager;
let leaked = { networks: 0, addresses: 0 };

beforeAll(async () => {
  if (!CAN_RUN_LAB) return;
  lab = await startLab();
  channel = new Channel(lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  await want(lab, {});
  manager = await startManager(lab);
}, 60_000);

afterAll(async () => {
  if (!CAN_RUN_LAB) return;
  await manager.end("SIGTERM");
  channel[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

const NOTHING = {
  sandboxes: 0,
  containers: 0,
  snapshots: 0,
  networks: 0,
  links: 0,
  addresses: 0,
  logs: 0,
};

afterEach(async () => {
  await want(lab, {});
  await vi.waitUntil(async () => isDeepStrictEqual(await everything(), NOTHING), LATER);
}, 90_000);

/** How much there is of all that a workload is made of, as containerd, the kernel and the network plugins have it. */
async function everything() {
  const { items } = await runtime.listPodSandbox({});
  const { containers } = await runtime.listContainers({});
  const snapshots = await lab.namespaces.run(["ctr", "-n", "k8s.io", "snapshots", "ls"]);
  const links = await lab.namespaces.run(["/var/probe", "show", "/proc/net/dev"]);
  return {
    sandboxes: items.length,
    containers: containers.length,
    snapshots: snapshots.split("\n").filter((line) => line.includes(" Active")).length,
    networks: (await names("var/run/netns")).length - leaked.networks,
    links: links.split("\n").filter((line) => line.includes("veth")).length,
    addresses:
      (await names("run/cni/networks/ballast")).filter((one) => one.startsWith("10.")).length -
      leaked.addresses,
    logs: (await names("var/log/containers")).length,
  };
}

async function names(folder: string): Promise<string[]> {
  return readdir(lab.path(folder)).catch(() => []);
}

/** The same, of so many workloads that run. */
function allOf(count: number): typeof NOTHING {
  return {
    sandboxes: count,
    containers: count,
    snapshots: 2 * count,
    networks: count,
    links: count,
    addresses: count,
    logs: count,
  };
}

async function statusOf(name: string) {
  const text = await readFile(lab.path("run/ballast/containers/state.json"), "utf8");
  return WorkloadList.parse(JSON.parse(text)).find((status) => status.name === name);
}

async function running(): Promise<string[]> {
  const { containers } = await runtime.listContainers({});
  return containers
    .filter(({ state }) => state === ContainerState.CONTAINER_RUNNING)
    .map(({ metadata }) => metadata?.name ?? "")
    .toSorted();
}

/** Only version 2 of control groups tells containerd everywhere why the kernel killed. */
const KILLED_REASON = existsSync("/sys/fs/cgroup/cgroup.controllers")
  ? /^Its last run was killed: out of memory/
  : /./;

/** Process of each container, by the container's id. */
async function processes() {
  const tasks = createClient(Tasks, channel, { namespace: "k8s.io" });
  const { tasks: list } = await tasks.list({});
  return list.map(({ id, pid }) => `${id} ${pid}`).toSorted();
}

function many(more: Readonly<Record<string, unknown>> = {}) {
  return Object.fromEntries(NAMES.map((name) => [name, { image: IMAGE, ...more }]));
}

describe.runIf(CAN_RUN_LAB)("a workload that fails", { timeout: 120_000 }, () => {
  it("because of its memory is killed alone, and told so", async () => {
    const resources = { memory: "16Mi" };
    await want(lab, {
      greedy: { image: IMAGE, args: ["eat", "64"], resources },
      modest: { image: IMAGE, args: ["eat", "4"], resources },
    });
    await expect.poll(() => statusOf("greedy"), SOON).toMatchObject({ exit_code: 137 });
    expect((await statusOf("greedy"))?.reason).toMatch(KILLED_REASON);
    expect(await running()).toContain("modest");
    expect(await statusOf("modest")).toMatchObject({ restarts: 0 });
  });

  it("is started again after 1, 2, 4 seconds, and says when", async () => {
    await want(lab, { crash: { image: IMAGE, args: ["end", "0", "3"] } });
    const waits: number[] = [];
    let seen = -1;
    await vi.waitUntil(
      async () => {
        const status = await statusOf("crash").catch(() => undefined);
        if (status?.state !== "waiting" || status.restarts === seen) return false;
        seen = status.restarts;
        expect(status).toMatchObject({ exit_code: 3 });
        waits.push(Date.parse(status.next_try ?? "") - Date.parse(status.since ?? ""));
        return waits.length === 3;
      },
      { timeout: 30_000 },
    );
    expect(waits).toEqual([1000, 2000, 4000]);
  });
});

describe.runIf(CAN_RUN_LAB)("ten workloads", { timeout: 240_000 }, () => {
  it("go on as the same processes when containerd is killed, and one that ends meanwhile is started again", async () => {
    await want(lab, { ...many(), short: { image: IMAGE, args: ["end", "4000", "5"] } });
    await expect.poll(running, LATER).toEqual([...NAMES, "short"]);
    const before = await processes();
    await lab.stopContainerd("SIGKILL");
    await sleep(4500);
    await lab.startContainerd();
    await expect.poll(() => statusOf("short"), LATER).toMatchObject({ exit_code: 5, restarts: 1 });
    const after = await processes();
    expect(before.filter((one) => after.includes(one))).toHaveLength(before.length - 1);
    await want(lab, many());
    await expect.poll(everything, LATER).toEqual(allOf(10));
  });

  it("are made once each, however often the manager is killed meanwhile", async () => {
    await manager.end("SIGKILL");
    await want(lab, many());
    for (const ms of [30, 80, 150, 230, 340, 470, 610, 800]) {
      manager = await startManager(lab);
      await sleep(ms);
      await manager.end("SIGKILL");
    }
    manager = await startManager(lab);
    await expect.poll(running, LATER).toEqual(NAMES);
    await expect.poll(everything, LATER).toEqual(allOf(10));
    // And removed once each.
    await want(lab, {});
    for (const ms of [20, 90, 180, 300]) {
      await sleep(ms);
      await manager.end("SIGKILL");
      manager = await startManager(lab);
    }
  });

  it("are what the last of a hundred quick changes says", async () => {
    for (let change = 0; change < 100; change += 1) {
      const wanted = NAMES.slice(0, change % 10).map((name, index) => [
        name,
        { image: IMAGE, enabled: (change + index) % 3 > 0, env: { CHANGE: String(change % 7) } },
      ]);
      await want(lab, Object.fromEntries(wanted));
      await sleep(20);
    }
    await want(lab, many({ env: { CHANGE: "last" } }));
    await expect.poll(running, LATER).toEqual(NAMES);
    await expect.poll(everything, LATER).toEqual(allOf(10));
    expect(manager.log()).not.toContain("step=");
  });

  it("are made once each, however often containerd is killed meanwhile", async () => {
    await want(lab, many());
    for (const ms of [150, 300, 500, 700]) {
      await sleep(ms);
      await lab.stopContainerd("SIGKILL");
      await lab.startContainerd();
    }
    await expect.poll(running, LATER).toEqual(NAMES);
    // What containerd had begun for a sandbox that it does not know of afterwards stays until the machine restarts.
    const { networks, addresses } = await everything();
    // At most what each of the four kills met; either may stay without the other.
    expect(networks - 10).toBeLessThanOrEqual(4 * 10);
    expect(addresses - 10).toBeLessThanOrEqual(4 * 10);
    leaked = { networks: networks - 10, addresses: addresses - 10 };
    await expect.poll(everything, LATER).toEqual(allOf(10));
  });
});
