import { readdir } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, RuntimeService } from "@ballast/containerd/cri";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, SOON, startLabWithRegistry, type LabWithRegistry } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

/** Of the probe, when the kernel refuses. */
const REFUSED = 111;

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
  const isEmpty = async () => (await runtime.listPodSandbox({})).items.length === 0;
  await vi.waitUntil(isEmpty, SOON);
});

/** Runs a container of the probe that holds; returns how to run the probe in it, which gives its exit code and output. */
async function hold(name: string, settings: Readonly<Record<string, unknown>>) {
  await want(world.lab, { [name]: { image: world.image, args: ["hold"], ...settings } });
  const running = async () => {
    const filter = { labelSelector: { "ballast.container": name } };
    const { containers } = await runtime.listContainers({ filter });
    return containers.find(({ state }) => state === ContainerState.CONTAINER_RUNNING)?.id;
  };
  await expect.poll(running, SOON).toBeDefined();
  const containerId = (await running()) ?? "";
  return async (...words: string[]) => {
    const cmd = ["/probe", ...words];
    const { exitCode, stdout } = await runtime.execSync({ containerId, cmd, timeout: 10n });
    return [exitCode, Buffer.from(stdout).toString()];
  };
}

/** As `/proc/self/status` has it: bits of the capabilities from the first on. */
function boundOf(status: string | number | undefined): bigint {
  return BigInt(`0x${/^CapBnd:\t([0-9a-f]+)$/m.exec(String(status))?.[1] ?? ""}`);
}

describe.runIf(CAN_RUN_LAB)("the rights of a workload", { timeout: 60_000 }, () => {
  it("change nothing of its image, and write where programs expect to", async () => {
    const probe = await hold("it", { user: "1000:1000" });
    expect((await probe("put", "/x", "x"))[0]).toBe(REFUSED);
    for (const path of ["/tmp", "/run", "/var/tmp"])
      expect([path, await probe("put", `${path}/x`, "x")]).toEqual([path, [0, ""]]);
    const mounts = (await probe("show", "/proc/self/mounts"))[1];
    expect(mounts).toMatch(/^overlay \/ overlay ro,/m);
    expect(mounts).toMatch(/^tmpfs \/tmp tmpfs rw,nosuid,nodev,[^\n]*size=65536k/m);
  });

  it("are to write in folders in memory, of the size that they were given, until it ends", async () => {
    const tmpfs = { cache: { path: "/var/cache/app", size: "6Mi" }, tmp: { path: "/tmp" } };
    const user = "1000:1000";
    const probe = await hold("it", { user, tmpfs, resources: { memory: "32Mi" } });
    expect(await probe("put", "/var/cache/app/x", "x")).toEqual([0, ""]);
    const mounts = String((await probe("show", "/proc/self/mounts"))[1]);
    expect(mounts).toMatch(/^tmpfs \/var\/cache\/app tmpfs [^\n]*size=6144k/m);
    expect(mounts.match(/ \/tmp /g)).toHaveLength(1);
    const devices = world.lab.path("run/ballast/containers/cdi");
    expect(await readdir(devices)).toEqual(["it.json"]);
    await want(world.lab, {});
    await expect.poll(() => readdir(devices), SOON).toEqual([]);
  });

  it("have those folders begin with what the image has there", async () => {
    const tmpfs = { etc: { path: "/etc" } };
    const probe = await hold("it", { tmpfs, "read-only-root": false });
    expect(await probe("show", "/etc/image")).toEqual([0, "of the image"]);
    expect(await probe("put", "/etc/image", "x")).toEqual([0, ""]);
    expect(await probe("put", "/x", "x")).toEqual([0, ""]);
    const mounts = String((await probe("show", "/proc/self/mounts"))[1]);
    expect(mounts).toMatch(/^overlay \/ overlay rw,/m);
    expect(mounts).not.toMatch(/ \/tmp /);
  });

  it("let root give files away and change the user where that is set, with no new privileges", async () => {
    const capabilities = ["CHOWN", "SETGID", "SETUID"];
    const probe = await hold("with", { capabilities, "extra-capabilities": ["NET_RAW"] });
    const status = (await probe("show", "/proc/self/status"))[1];
    // Bits of CHOWN, SETGID, SETUID, NET_RAW.
    expect(boundOf(status)).toBe((1n << 0n) | (1n << 6n) | (1n << 7n) | (1n << 13n));
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    expect(await probe("become", "/tmp/x", "1000")).toEqual([0, ""]);
    const without = await hold("without", {});
    expect((await without("become", "/tmp/x", "1000"))[0]).toBe(REFUSED);
  });
});
