import { existsSync } from "node:fs";
import { mkdir, readFile, readdir, rename, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel, createClient } from "@ballast/containerd";
import { RuntimeService } from "@ballast/containerd/cri";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { CAN_RUN_LAB, SOON, startLabWithRegistry, type LabWithRegistry } from "./lab.ts";
import { Machine } from "../machine.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const MAX_LOG_BYTES = 65_536;
const OPTIONS = ["--max-log-bytes", String(MAX_LOG_BYTES)];
/** The probe's 100, and what containerd puts before them: time, stream, tag. */
const LINE_BYTES = 140;
/** Between looks, with one more second for a machine that is busy. */
const LOOK_MS = 3000;

let world: LabWithRegistry;
let manager: RunningManager;

beforeAll(async () => {
  world = await startLabWithRegistry();
  await want(world.lab, {});
  manager = await startManager(world.lab, OPTIONS);
}, 60_000);

afterAll(async () => {
  await manager.end("SIGTERM");
  await world[Symbol.asyncDispose]();
});

afterEach(async () => {
  await want(world.lab, {});
  await vi.waitUntil(() => !existsSync(folder()), SOON);
});

function folder(): string {
  return world.lab.path("var/log/containers/chat");
}

/** The API server of a machine on which the lab's containers run. */
async function machineOfLab(): Promise<Machine> {
  const machine = new Machine();
  await mkdir(join(machine.root, "var/log"), { recursive: true });
  await symlink(world.lab.path("var/log/containers"), join(machine.root, "var/log/containers"));
  await machine.start();
  await machine.set({ containers: { chat: { image: world.image } } });
  return machine;
}

async function chat(lines: number, pauseMs: number): Promise<void> {
  const args = ["chat", String(lines), String(pauseMs)];
  await want(world.lab, { chat: { image: world.image, args } });
  await expect.poll(() => existsSync(join(folder(), "0.log")), SOON).toBe(true);
}

async function endContainer(): Promise<void> {
  using channel = new Channel(world.lab.socketPath);
  const runtime = createClient(RuntimeService, channel);
  const { containers } = await runtime.listContainers({});
  for (const { id } of containers) await runtime.stopContainer({ containerId: id, timeout: 5n });
}

/** What a log holds of the container's output. A rotation may cut a line in two, so line ends are no part of it. */
async function outputIn(name: string): Promise<string> {
  const text = await readFile(join(folder(), name), "utf8").catch(() => "");
  return text
    .split("\n")
    .map((line) => line.split(" ").slice(3).join(" "))
    .join("");
}

/** Both logs, the older one first. */
async function output(): Promise<string> {
  return `${await outputIn("0.log.1")}${await outputIn("0.log")}`;
}

function linesFrom(first: number, count: number): string {
  const line = (index: number) => `${String(first + index).padStart(8, "0")};${"0".repeat(90)}`;
  return Array.from({ length: count }, (_, index) => line(index)).join("");
}

const lastLine = (text: string): number => Number(/(\d{8});0*$/.exec(text)?.[1] ?? -1);

describe.runIf(CAN_RUN_LAB)("the log of a workload", { timeout: 90_000 }, () => {
  it("loses nothing when it is begun anew, and goes with its container", async () => {
    // 120 kB at 14 kB/s: above the limit once, whenever the manager looks.
    const lines = 860;
    await chat(lines, 10);
    await expect.poll(async () => lastLine(await output()), { timeout: 40_000 }).toBe(lines - 1);
    expect(await output()).toBe(linesFrom(0, lines));
    expect(await readdir(folder())).toEqual(["0.log", "0.log.1"]);
    expect((await stat(join(folder(), "0.log.1"))).size).toBeGreaterThan(MAX_LOG_BYTES);
    expect((await stat(join(folder(), "0.log"))).size).toBeGreaterThan(0);
    expect(manager.log().split("Began a log anew").length - 1).toBe(1);
    // Started again, it has a log of its own; both of the one that ended go.
    await endContainer();
    await expect.poll(() => readdir(folder()), SOON).toEqual(["1.log"]);
  });

  it("is followed through new files and restarts by the API", async () => {
    await using machine = await machineOfLab();
    const rotations = manager.log().split("Began a log anew").length;
    // As above: between the limit and its end each writes for longer than it takes until the manager looks.
    const lines = 860;
    await chat(lines, 10);
    const following = machine.client(["logs", "chat", "--follow", "--lines", "999999"]);
    let seen = "";
    following.stdout.on("data", (chunk: Buffer) => {
      seen += chunk.toString();
    });
    const whole = linesFrom(0, lines);
    const told = () => seen.replaceAll("\n", "");
    await expect.poll(() => told().length, { timeout: 30_000 }).toBe(whole.length);
    await endContainer();
    await expect.poll(() => told().length, { timeout: 30_000 }).toBe(2 * whole.length);
    // Its settings change: it is made anew, and counts from 0 again.
    await want(world.lab, { chat: { image: world.image, args: ["chat", String(lines), "11"] } });
    await expect.poll(() => told().length, { timeout: 40_000 }).toBe(3 * whole.length);
    following.kill("SIGINT");
    await following;
    expect(manager.log().split("Began a log anew").length - rotations).toBeGreaterThanOrEqual(3);
    expect(told()).toBe(whole.repeat(3));
  });

  it("is bounded while its container writes without end", async () => {
    const pauseMs = 5;
    await chat(1_000_000, pauseMs);
    const boundBytes = 2 * (MAX_LOG_BYTES + (LOOK_MS / pauseMs) * LINE_BYTES);
    let writtenBytes = 0;
    while (writtenBytes < 1.5 * boundBytes) {
      await sleep(200);
      const names = await readdir(folder());
      expect(["0.log", "0.log.1"]).toEqual(expect.arrayContaining(names));
      const sizes = await Promise.all(names.map((name) => sizeOf(name)));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(boundBytes);
      writtenBytes = Math.max(writtenBytes, lastLine(await output()) * LINE_BYTES);
    }
    expect(manager.log()).not.toContain("A log has no bound");
  });

  it("is opened anew by the manager that comes after one that was killed before it could", async () => {
    const lines = 1200;
    await chat(lines, 10);
    await expect.poll(() => sizeOf("0.log"), SOON).toBeGreaterThan(10_000);
    await manager.end("SIGKILL");
    await rename(join(folder(), "0.log"), join(folder(), "0.log.1"));
    const asideBytes = await sizeOf("0.log.1");
    await expect.poll(() => sizeOf("0.log.1"), SOON).toBeGreaterThan(asideBytes + 1000);
    expect(await readdir(folder())).toEqual(["0.log.1"]);
    manager = await startManager(world.lab, OPTIONS);
    await expect.poll(() => sizeOf("0.log"), SOON).toBeGreaterThan(0);
    const all = await output();
    expect(all).toBe(linesFrom(0, lastLine(all) + 1));
  });
});

async function sizeOf(name: string): Promise<number> {
  const found = await stat(join(folder(), name)).catch(() => undefined);
  return found?.size ?? 0;
}
