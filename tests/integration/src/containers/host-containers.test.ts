import { readFile, writeFile } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, ImageService, RuntimeService } from "@ballast/containerd/cri";
import { Images } from "@ballast/containerd/services";
import { WorkloadList } from "@ballast/model";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, SOON, startLabWithRegistry, type LabWithRegistry } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

let world: LabWithRegistry;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let manager: RunningManager;

beforeAll(async () => {
  world = await startLabWithRegistry();
  channel = new Channel(world.lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  await want(world.lab, {});
  manager = await startManager(world.lab);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  channel[Symbol.dispose]();
  await world[Symbol.asyncDispose]();
});

afterEach(async () => {
  await want(world.lab, {});
  const isEmpty = async () => Object.values(await counts()).every((count) => count === 0);
  await vi.waitUntil(isEmpty, SOON);
});

async function counts() {
  const { items } = await runtime.listPodSandbox({});
  const { containers } = await runtime.listContainers({});
  return { sandboxes: items.length, containers: containers.length };
}

/** What the API server tells of a container. */
async function statusOf(name: string) {
  const text = await readFile(world.lab.path("run/ballast/containers/state.json"), "utf8");
  return WorkloadList.parse(JSON.parse(text)).find((status) => status.name === name);
}

async function containersOf(name: string) {
  const labelSelector = { "ballast.container": name };
  return (await runtime.listContainers({ filter: { labelSelector } })).containers;
}

async function running(name: string): Promise<string> {
  const found = await containersOf(name);
  return found.find(({ state }) => state === ContainerState.CONTAINER_RUNNING)?.id ?? "";
}

async function waitRunning(name: string): Promise<string> {
  await expect.poll(() => running(name), SOON).not.toBe("");
  return running(name);
}

async function exec(containerId: string, ...cmd: string[]) {
  const answer = await runtime.execSync({ containerId, cmd, timeout: 10n });
  return [answer.exitCode, Buffer.from(answer.stdout).toString()];
}

/** Answers on a port with a text. */
function serves(text: string, more: Readonly<Record<string, unknown>> = {}) {
  return { image: world.image, args: ["serve", "8000", text], ports: ["8080:8000"], ...more };
}

describe.runIf(CAN_RUN_LAB)("a workload", { timeout: 60_000 }, () => {
  it("is pulled, started as told, and answers on its published port", async () => {
    const { lab } = world;
    await want(lab, {
      web: serves("hello", {
        // Without capabilities, and not root: a port of its own network all the same.
        ...{ args: ["serve", "80", "hello"], ports: ["8080:80"] },
        env: { COLOUR: "green" },
        "secret-env": { TOKEN: "hidden" },
        user: "1000:1001",
        resources: { cpu: "500m", memory: "64Mi" },
      }),
    });
    const id = await waitRunning("web");
    await expect.poll(() => lab.ask("127.0.0.1", 8080), SOON).toBe("hello");
    expect(await exec(id, "/probe", "env", "COLOUR")).toEqual([0, "green\n"]);
    expect(await exec(id, "/probe", "env", "TOKEN")).toEqual([0, "hidden\n"]);
    expect(await exec(id, "/probe", "id")).toEqual([0, "1000:1001\n"]);
    const resolver = await exec(id, "/probe", "show", "/etc/resolv.conf");
    expect(resolver[1]).toContain("nameserver 10.88.0.1\n");
    expect(manager.log()).not.toContain("hidden");
    expect(await statusOf("web")).toEqual({
      name: "web",
      kind: "workload",
      state: "running",
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      restarts: 0,
      exit_code: null,
      health: "none",
      health_reason: null,
      image: world.image,
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      reason: null,
      next_try: null,
      cgroup: `/ballast.slice/ballast-containers.slice/cri-containerd-${id}.scope`,
    });
    const status = await exec(id, "/probe", "show", "/proc/self/status");
    expect(status[1]).toMatch(/^CapBnd:\t0+$/m);
    expect(status[1]).toMatch(/^NoNewPrivs:\t1$/m);
    expect(status[1]).toMatch(/^Seccomp:\t2$/m);
    expect(await exec(id, "/probe", "show", "/proc/timer_list")).toEqual([0, ""]);
    expect((await exec(id, "/probe", "put", "/proc/sys/kernel/hostname", "x"))[0]).toBe(111);
    expect((await exec(id, "/probe", "show", "/run/ballast/etc/containers.json"))[0]).toBe(111);
  });

  it("stands in namespaces that an image of this machine holds, which nobody collects", async () => {
    await want(world.lab, { web: serves("hello") });
    await waitRunning("web");
    const images = createClient(Images, channel, { namespace: "k8s.io" });
    const pause = "ballast.local/pause:1";
    const { image } = await images.get({ name: pause });
    expect(image?.labels["io.cri-containerd.pinned"]).toBe("pinned");
    const cri = createClient(ImageService, channel);
    expect((await cri.imageStatus({ image: { image: pause } })).image?.pinned).toBe(true);
    // One that is gone is imported again with the next network that is made.
    await images.delete({ name: pause, sync: true });
    await want(world.lab, { web: serves("hello"), next: { image: world.image } });
    await waitRunning("next");
    expect((await images.get({ name: pause })).image?.target?.digest).toBe(image?.target?.digest);
  });

  it("is made anew when its settings change, and goes with them", async () => {
    const { lab } = world;
    await want(lab, { web: serves("first"), other: { image: world.image } });
    const first = await waitRunning("web");
    const other = await waitRunning("other");
    await expect.poll(() => lab.ask("127.0.0.1", 8080), SOON).toBe("first");
    await want(lab, { web: serves("second"), other: { image: world.image } });
    await expect.poll(() => lab.ask("127.0.0.1", 8080).catch(String), SOON).toBe("second");
    expect(await running("web")).not.toBe(first);
    expect(await running("other")).toBe(other);
    // Its port goes to another name, which waits until it is free.
    await want(lab, { after: serves("third"), other: { image: world.image } });
    await expect.poll(() => lab.ask("127.0.0.1", 8080).catch(String), SOON).toBe("third");
    expect(await containersOf("web")).toEqual([]);
    await want(lab, { after: serves("third", { enabled: false }) });
    await expect.poll(counts, SOON).toEqual({ sandboxes: 0, containers: 0 });
    await expect(lab.ask("127.0.0.1", 8080)).rejects.toThrow("cannot connect");
  });

  it("is started again as its policy says, each time later", async () => {
    const { lab } = world;
    const image = world.image;
    await want(lab, {
      crash: { image, args: ["end", "0", "3"] },
      fails: { image, args: ["end", "0", "3"], restart: "on-failure" },
      well: { image, args: ["end", "0", "0"], restart: "on-failure" },
      once: { image, args: ["end", "0", "3"], restart: "never" },
    });
    const attempts = async (name: string) =>
      Math.max(-1, ...(await containersOf(name)).map(({ metadata }) => metadata?.attempt ?? 0));
    await expect.poll(() => attempts("crash"), SOON).toBe(2);
    const sinceMs = Date.now();
    await expect.poll(() => attempts("crash"), SOON).toBe(3);
    expect(Date.now() - sinceMs).toBeGreaterThan(3000);
    expect(await attempts("fails")).toBeGreaterThan(1);
    expect(await attempts("well")).toBe(0);
    expect(await attempts("once")).toBe(0);
    expect(await statusOf("crash")).toMatchObject({ exit_code: 3, reason: null });
    expect(await statusOf("well")).toMatchObject({ state: "ended", exit_code: 0, next_try: null });
    expect(await statusOf("once")).toMatchObject({ state: "ended", exit_code: 3, restarts: 0 });
  });

  it("goes on when the manager is killed, and is found again", async () => {
    const { lab } = world;
    await want(lab, { web: serves("steady") });
    const id = await waitRunning("web");
    await manager.end("SIGKILL");
    await expect.poll(() => lab.ask("127.0.0.1", 8080), SOON).toBe("steady");
    manager = await startManager(lab);
    await want(lab, { web: serves("steady"), next: { image: world.image } });
    await waitRunning("next");
    expect(await running("web")).toBe(id);
    // What was deleted while nobody looked goes too.
    await manager.end("SIGTERM");
    await want(lab, { web: serves("steady") });
    manager = await startManager(lab);
    await expect.poll(() => containersOf("next"), SOON).toEqual([]);
    expect(await running("web")).toBe(id);
  });

  it("tells what it ended with also when it runs again, and after the manager was killed", async () => {
    const { lab, image } = world;
    const web = { image, args: ["hold"] };
    await want(lab, { web });
    await runtime.stopContainer({ containerId: await waitRunning("web"), timeout: 0n });
    const again = { state: "running", restarts: 1, exit_code: 137 };
    await expect.poll(() => statusOf("web"), SOON).toMatchObject(again);
    // The one that ended goes when the next one runs.
    await expect.poll(async () => (await containersOf("web")).length, SOON).toBe(1);
    await manager.end("SIGKILL");
    manager = await startManager(lab);
    await want(lab, { web, next: { image } });
    await expect.poll(() => statusOf("next"), SOON).toMatchObject({ state: "running" });
    expect(await statusOf("web")).toMatchObject(again);
  });

  it("goes on when containerd is killed, and is looked after again", async () => {
    const { lab } = world;
    await want(lab, { web: serves("steady") });
    const id = await waitRunning("web");
    await lab.stopContainerd("SIGKILL");
    await expect.poll(() => manager.log(), SOON).toContain("containerd does not answer");
    await want(lab, { web: serves("steady"), next: { image: world.image } });
    expect(await lab.ask("127.0.0.1", 8080)).toBe("steady");
    await lab.startContainerd();
    await waitRunning("next");
    expect(await running("web")).toBe(id);
  });

  it("starts beside many others, with no step taken twice", async () => {
    const { lab } = world;
    const before = manager.log().length;
    const names = Array.from({ length: 12 }, (_, index) => `many${index}`);
    await want(lab, Object.fromEntries(names.map((name) => [name, { image: world.image }])));
    await Promise.all(names.map(waitRunning));
    await want(lab, {});
    await expect.poll(counts, SOON).toEqual({ sandboxes: 0, containers: 0 });
    expect(manager.log().slice(before)).not.toContain("failed");
  });

  it("keeps its volumes", async () => {
    const { lab } = world;
    const volumes = { data: { path: "/data", "read-only": false } };
    const user = "1000:1000";
    await want(lab, { web: serves("a", { volumes, user }) });
    expect(await exec(await waitRunning("web"), "/probe", "put", "/data/x", "kept")).toEqual([
      0,
      "",
    ]);
    const readOnly = { data: { path: "/data", "read-only": true } };
    await want(lab, { web: serves("b", { volumes: readOnly, user }) });
    await expect.poll(() => lab.ask("127.0.0.1", 8080).catch(String), SOON).toBe("b");
    const id = await waitRunning("web");
    expect(await exec(id, "/probe", "show", "/data/x")).toEqual([0, "kept"]);
    expect((await exec(id, "/probe", "put", "/data/x", "y"))[0]).toBe(111);
  });

  it("starts from the image that is here when the registry is down, and waits for one that is not", async () => {
    const { lab, registry } = world;
    await want(lab, { web: serves("first") });
    await waitRunning("web");
    await registry.stop();
    await want(lab, { web: serves("second"), none: { image: "registry.lab:5443/team/none:1" } });
    await expect.poll(() => lab.ask("127.0.0.1", 8080).catch(String), SOON).toBe("second");
    await expect.poll(() => manager.log(), SOON).toContain("Using the image that is here");
    const failures = () => manager.log().split("tried again container=none").length - 1;
    await expect.poll(failures, SOON).toBeGreaterThan(1);
    await expect
      .poll(() => statusOf("none"), SOON)
      .toMatchObject({
        state: "waiting",
        digest: null,
        reason: expect.stringMatching(/^Cannot pull image "registry\.lab:5443\/team\/none:1": /),
        next_try: expect.stringMatching(/Z$/),
      });
  });

  it("stays as it is while its settings cannot be read", async () => {
    const { lab } = world;
    await want(lab, { web: serves("steady") });
    const id = await waitRunning("web");
    await writeFile(
      lab.path("run/ballast/etc/containers.json"),
      '{"containers": {"web": {"secr3t"',
    );
    await expect.poll(() => manager.log(), SOON).toContain("Containers stay as they are");
    expect(await running("web")).toBe(id);
    expect(manager.log()).not.toContain("secr3t");
    expect(await readFile(lab.path("var/log/containers/web/0.log"), "utf8")).toContain("serving");
  });
});
