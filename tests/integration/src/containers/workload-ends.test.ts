import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { Channel, createClient, type Client } from "@ballast/containerd";
import { ContainerState, PodSandboxState, RuntimeService } from "@ballast/containerd/cri";
import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, PROBE_IMAGE, SOON, startLab } from "./lab.ts";
import { drain, startManager, want, type RunningManager } from "./manager.ts";

const image = PROBE_IMAGE;
/** What commands before a stop leave behind. */
const NOTES = "var/lib/ballast-containers/volumes/notes";
const volumes = { notes: { path: "/notes", "read-only": false } };

let lab: ContainersLab;
let channel: Channel;
let runtime: Client<typeof RuntimeService>;
let manager: RunningManager;

beforeAll(async () => {
  lab = await startLab();
  await mkdir(lab.path(NOTES), { recursive: true });
  channel = new Channel(lab.socketPath);
  runtime = createClient(RuntimeService, channel);
  await want(lab, {});
  manager = await startManager(lab);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  channel[Symbol.dispose]();
  await lab[Symbol.asyncDispose]();
});

function leaves(name: string) {
  const command = ["/probe", "put", `/notes/${name}`, "bye"];
  return { image, volumes, "pre-stop": { command, "timeout-seconds": 10 } };
}

async function states(): Promise<string[]> {
  const { containers } = await runtime.listContainers({});
  return containers.map(({ state }) => ContainerState[state]);
}

async function allRun(count: number): Promise<void> {
  const expected = Array.from({ length: count }, () => "CONTAINER_RUNNING");
  await expect.poll(states, SOON).toEqual(expected);
}

async function endOf(name: string): Promise<{ atMs: number; exitCode: number }> {
  const { containers } = await runtime.listContainers({
    filter: { labelSelector: { "ballast.container": name } },
  });
  const { status } = await runtime.containerStatus({ containerId: containers[0]?.id ?? "" });
  return {
    atMs: Number((status?.finishedAt ?? 0n) / 1_000_000n),
    exitCode: status?.exitCode ?? -1,
  };
}

async function noteAtMs(name: string): Promise<number> {
  return (await stat(lab.path(`${NOTES}/${name}`))).mtimeMs;
}

describe.runIf(CAN_RUN_LAB)("the end of a workload", { timeout: 60_000 }, () => {
  it("when it is removed comes after its command, whatever becomes of that", async () => {
    await want(lab, {
      good: leaves("good"),
      fails: { image, "pre-stop": { command: ["/probe", "end", "0", "3"], "timeout-seconds": 5 } },
      missing: { image, "pre-stop": { command: ["/none"], "timeout-seconds": 5 } },
      hangs: { image, "pre-stop": { command: ["/probe", "hold"], "timeout-seconds": 1 } },
      user: { ...leaves("user"), args: ["stubborn"], "stop-grace-seconds": 1, requires: ["good"] },
    });
    await allRun(5);
    expect(await readdir(lab.path(NOTES))).toEqual([]);
    await want(lab, {});
    await vi.waitUntil(async () => (await states()).length === 0, SOON);
    expect(await readdir(lab.path(NOTES))).toEqual(["good", "user"]);
    // What requires another goes before it.
    expect((await noteAtMs("good")) - (await noteAtMs("user"))).toBeGreaterThan(900);
    expect(manager.log().match(/The command before a stop failed/g)).toHaveLength(3);
  });

  it("is not asked of one that has ended", async () => {
    for (const name of ["good", "user"]) await rm(lab.path(`${NOTES}/${name}`));
    await want(lab, { once: { ...leaves("once"), args: ["end", "0", "0"], restart: "never" } });
    await expect.poll(states, SOON).toEqual(["CONTAINER_EXITED"]);
    await want(lab, {});
    await vi.waitUntil(async () => (await states()).length === 0, SOON);
    expect(await readdir(lab.path(NOTES))).toEqual([]);
  });

  it("comes before that of what it requires when the machine goes down", async () => {
    const wanted = {
      db: leaves("db"),
      cache: { ...leaves("cache"), args: ["stubborn"], "stop-grace-seconds": 1, requires: ["db"] },
      web: { ...leaves("web"), requires: ["cache"] },
      alone: leaves("alone"),
    };
    await want(lab, wanted);
    await allRun(4);
    await manager.end("SIGTERM");
    await drain(lab);
    expect(await states()).toEqual(Array.from({ length: 4 }, () => "CONTAINER_EXITED"));
    const { items } = await runtime.listPodSandbox({});
    expect(items.map(({ state }) => state)).toEqual(
      Array.from({ length: 4 }, () => PodSandboxState.SANDBOX_NOTREADY),
    );
    expect(await noteAtMs("web")).toBeLessThanOrEqual((await endOf("web")).atMs);
    expect((await endOf("web")).atMs).toBeLessThanOrEqual(await noteAtMs("cache"));
    expect((await endOf("cache")).atMs).toBeLessThanOrEqual(await noteAtMs("db"));
    expect(await noteAtMs("alone")).toBeLessThanOrEqual(await noteAtMs("cache"));
    // The stubborn one had its second, and no more.
    const cache = await endOf("cache");
    expect(cache.exitCode).toBe(137);
    expect(cache.atMs - (await noteAtMs("cache"))).toBeGreaterThan(900);
    // Twice is no harm.
    await drain(lab);
    manager = await startManager(lab);
    await allRun(4);
    await want(lab, {});
    await vi.waitUntil(async () => (await states()).length === 0, SOON);
  });
});
