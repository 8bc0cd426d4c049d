import { existsSync } from "node:fs";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createClient, type Client } from "@ballast/containerd";
import { Containers, Snapshots, Tasks, TaskStatus } from "@ballast/containerd/services";
import { WorkloadList } from "@ballast/model";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { startHostLab, wantHost, type HostLab } from "./host-lab.ts";
import { CAN_RUN_LAB, SOON } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const SCOPE = { namespace: "k8s.io" };

let world: HostLab;
let manager: RunningManager;
let containers: Client<typeof Containers>;
let snapshots: Client<typeof Snapshots>;
let tasks: Client<typeof Tasks>;

beforeAll(async () => {
  world = await startHostLab();
  const { lab, channel } = world;
  await mkdir(lab.path("root/usr/lib/ballast/client"), { recursive: true });
  await writeFile(lab.path("root/usr/lib/ballast/client/apiclient"), "");
  containers = createClient(Containers, channel, SCOPE);
  snapshots = createClient(Snapshots, channel, SCOPE);
  tasks = createClient(Tasks, channel, SCOPE);
  await want(lab, {});
  await wantHost(lab, {});
  manager = await startManager(lab);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  await world[Symbol.asyncDispose]();
});

async function statusOf(name: string) {
  const text = await readFile(world.lab.path("run/ballast/containers/host.json"), "utf8");
  const all = WorkloadList.parse(JSON.parse(text));
  return all.find((status) => status.kind === "host" && status.name === name);
}

/** The PID of its task, 0 while it does not run. */
async function pidOf(name: string): Promise<number> {
  const { tasks: all } = await tasks.list({}).catch(() => ({ tasks: [] }));
  return (
    all.find(({ id, status }) => id === `host-${name}` && status === TaskStatus.RUNNING)?.pid ?? 0
  );
}

async function waitRunning(name: string): Promise<number> {
  await expect.poll(() => pidOf(name), SOON).not.toBe(0);
  return pidOf(name);
}

/** Everything in containerd that is of one container. */
async function leftOf(name: string): Promise<string[]> {
  const id = `host-${name}`;
  const has = (call: Promise<unknown>) =>
    call.then(
      () => true,
      () => false,
    );
  const [record, task, snapshot] = await Promise.all([
    has(containers.get({ id })),
    has(tasks.get({ containerId: id })),
    has(snapshots.stat({ snapshotter: "overlayfs", key: id })),
  ]);
  const { lab } = world;
  const fifo = existsSync(lab.path(`run/ballast/containers/stdio/${id}.out`));
  return Object.entries({ record, task, snapshot, fifo })
    .filter(([, isThere]) => isThere)
    .map(([what]) => what);
}

afterEach(async ({ task }) => {
  if (task.result?.state === "fail") console.log(manager.log());
  await wantHost(world.lab, {});
  const isEmpty = async () => (await containers.list({})).containers.length === 0;
  await vi.waitUntil(isEmpty, { timeout: 50_000 });
}, 60_000);

function probe(...words: string[]) {
  return { source: world.image, command: ["/probe", ...words] };
}

/** What it prints, once it has printed that. */
async function printed(name: string, text: string): Promise<string> {
  await expect.poll(() => world.journal.textOf(`host-${name}`), SOON).toContain(text);
  return world.journal.textOf(`host-${name}`);
}

describe.runIf(CAN_RUN_LAB)("a host container", { timeout: 60_000 }, () => {
  it("has a containerd of its own, which runs only when it is wanted", async () => {
    const { lab, image } = world;
    const marker = lab.path("run/ballast/containers/host-wanted");
    await expect.poll(() => existsSync(lab.path("run/ballast/containers/host.json"))).toBe(true);
    expect(existsSync(marker)).toBe(false);
    await wantHost(lab, { a: probe("chat", "3", "1") });
    await expect.poll(() => existsSync(marker), SOON).toBe(true);
    await world.startHostContainerd();
    await waitRunning("a");
    await expect.poll(() => world.journal.textOf("host-a"), SOON).toContain("00000002;");
    expect(await statusOf("a")).toMatchObject({
      ...{ state: "running", restarts: 0, exit_code: null, image, reason: null },
      digest: expect.stringMatching(/^sha256:/),
    });
  });

  it("is started again when it ends, each time later, from a fresh root", async () => {
    await wantHost(world.lab, { crash: probe("end", "0", "3") });
    const restarts = async () => (await statusOf("crash"))?.restarts;
    await expect.poll(restarts, SOON).toBe(2);
    const sinceMs = Date.now();
    await expect.poll(restarts, SOON).toBe(3);
    expect(Date.now() - sinceMs).toBeGreaterThan(3000);
    await expect
      .poll(() => statusOf("crash"), SOON)
      .toMatchObject({
        ...{ state: "waiting", exit_code: 3, reason: null },
        next_try: expect.stringMatching(/Z$/),
      });
  });

  it("goes with its settings, and is made anew when they change", async () => {
    const { lab } = world;
    await wantHost(lab, { a: probe("print", "first"), b: probe("hold") });
    const b = await waitRunning("b");
    await printed("a", "first");
    await wantHost(lab, { a: probe("chat", "1", "1"), b: probe("hold") });
    await printed("a", "00000000;");
    await waitRunning("a");
    expect(await pidOf("b")).toBe(b);
    await wantHost(lab, { a: { ...probe("chat", "1", "1"), enabled: false }, b: probe("hold") });
    await expect.poll(() => leftOf("a"), SOON).toEqual([]);
    expect(await statusOf("a")).toBeUndefined();
    expect(await leftOf("b")).toEqual(["record", "task", "snapshot", "fifo"]);
    expect(existsSync(lab.path("var/lib/ballast-containers/host/a"))).toBe(true);
  });

  it("is asked to end, and killed when it does not", async () => {
    const { lab } = world;
    await wantHost(lab, { deaf: probe("stubborn") });
    await waitRunning("deaf");
    const sinceMs = Date.now();
    await wantHost(lab, {});
    await expect.poll(() => statusOf("deaf"), SOON).toMatchObject({ state: "removing" });
    await expect.poll(() => leftOf("deaf"), { timeout: 40_000 }).toEqual([]);
    expect(Date.now() - sinceMs).toBeGreaterThan(19_000);
  });

  it("goes on when the manager is killed, and is taken over with its output", async () => {
    const { lab } = world;
    await wantHost(lab, { a: probe("chat", "600", "20") });
    const pid = await waitRunning("a");
    await printed("a", "00000010;");
    await manager.end("SIGKILL");
    manager = await startManager(lab);
    await printed("a", "00000550;");
    expect(await pidOf("a")).toBe(pid);
    expect(manager.log()).toContain("Took over a container container=host/a");
    const numbers = [...world.journal.textOf("host-a").matchAll(/^(\d{8});/gm)];
    // At most what the killed manager had read and not yet passed on is missing.
    expect(numbers.length).toBeGreaterThan(500);
  });

  it("goes on when its containerd is killed, and is looked after again", async () => {
    const { lab } = world;
    await wantHost(lab, { a: probe("chat", "2000", "10") });
    const pid = await waitRunning("a");
    await world.stopHostContainerd("SIGKILL");
    const before = world.journal.lines.length;
    await expect.poll(() => world.journal.lines.length, SOON).toBeGreaterThan(before + 20);
    await wantHost(lab, { a: probe("chat", "2000", "10"), next: probe("hold") });
    await world.startHostContainerd();
    await waitRunning("next");
    expect(await pidOf("a")).toBe(pid);
    await tasks.kill({ containerId: "host-a", signal: 9 });
    await expect.poll(() => statusOf("a"), SOON).toMatchObject({ restarts: 1, exit_code: 137 });
  });

  it("comes back after a reboot from what is left", async () => {
    const { lab } = world;
    await wantHost(lab, { a: probe("hold") });
    const pid = await waitRunning("a");
    await manager.end("SIGTERM");
    // As a reboot leaves it: a record and a snapshot, and nothing that runs.
    await tasks.kill({ containerId: "host-a", signal: 9, all: true });
    await expect.poll(() => pidOf("a"), SOON).toBe(0);
    await tasks.delete({ containerId: "host-a" });
    expect(await leftOf("a")).toEqual(["record", "snapshot", "fifo"]);
    manager = await startManager(lab);
    expect(await waitRunning("a")).not.toBe(pid);
    expect(await statusOf("a")).toMatchObject({ state: "running", restarts: 0 });
  });

  it("finds its user data in its storage, as long as it is set", async () => {
    const { lab } = world;
    const path = "/.ballast/host-containers/a/user-data";
    const file = lab.path("var/lib/ballast-containers/host/a/user-data");
    const userData = Buffer.from("for the program").toString("base64");
    await wantHost(lab, { a: { ...probe("show", path), "user-data": userData } });
    await expect.poll(() => existsSync(file), SOON).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(file, ".."))).mode & 0o777).toBe(0o700);
    await wantHost(lab, { a: probe("show", path) });
    await expect.poll(() => existsSync(file), SOON).toBe(false);
    expect(manager.log()).not.toContain(userData);
  });

  it("may do little unless it is superpowered", async () => {
    const { lab } = world;
    const status = probe("show", "/proc/self/status");
    const root = probe("show", "/.ballast/rootfs/proc/1/status");
    const release = probe("show", "/etc/ballast-release");
    await wantHost(lab, {
      little: status,
      mighty: { ...status, superpowered: true },
      blind: root,
      seeing: { ...root, superpowered: true },
      named: release,
    });
    const little = await printed("little", "CapBnd");
    expect(little).toMatch(/^CapEff:\t00000000a80425fb$/m);
    expect(little).toMatch(/^NoNewPrivs:\t1$/m);
    expect(little).toMatch(/^Seccomp:\t2$/m);
    expect(little).toMatch(/^NSpid:\t1$/m);
    const mighty = await printed("mighty", "CapBnd");
    const all = /^CapBnd:.*$/m.exec(await readFile("/proc/self/status", "utf8"))?.[0] ?? "?";
    expect(mighty).toContain(all);
    expect(mighty).toMatch(/^Seccomp:\t0$/m);
    expect(mighty).not.toMatch(/^Pid:\t1$/m);
    // PID 1 of the lab, and of no container.
    await printed("seeing", "Name:\tprobe");
    await printed("blind", "cannot read the file");
    await printed("named", "PRETTY_NAME=");
    const errors = world.journal.lines.filter(({ identifier }) => identifier === "host-blind");
    expect(errors[0]?.priority).toBe(4);
    const lines = world.journal.lines.filter(({ identifier }) => identifier === "host-named");
    expect(lines[0]?.priority).toBe(6);
  });

  it("does not stand still, nor fill our memory, when there is no journal", async () => {
    const { lab, journal } = world;
    await journal.stop();
    await wantHost(lab, { a: probe("chat", "30000", "0"), end: probe("end", "100", "0") });
    await waitRunning("a");
    await journal.start();
    expect(await printed("a", "bytes were lost")).toContain("while there was no journal");
  });
});
