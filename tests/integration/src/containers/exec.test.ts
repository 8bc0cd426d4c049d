import type { ContainersLab } from "@ballast/testkit/containers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Machine } from "../machine.ts";
import { shareManager } from "./exec-machine.ts";
import { CAN_RUN_LAB, SOON, startLab } from "./lab.ts";
import { startManager, want, type RunningManager } from "./manager.ts";

const IMAGE = "lab.local/probe:1";

let lab: ContainersLab;
let manager: RunningManager;
let machine: Machine;

beforeAll(async () => {
  lab = await startLab();
  await want(lab, {
    web: { image: IMAGE, args: ["hold"] },
    over: { image: IMAGE, args: ["end", "0", "0"], restart: "never" },
  });
  manager = await startManager(lab);
  machine = new Machine();
  await shareManager(lab, machine);
  await machine.start();
  await vi.waitUntil(async () => (await exec("web", "print", "up")).exitCode === 0, SOON);
}, 60_000);

afterAll(async () => {
  await machine[Symbol.asyncDispose]();
  await manager.end("SIGTERM");
  await lab[Symbol.asyncDispose]();
});

async function exec(container: string, ...words: string[]) {
  const command = ["exec", container, "--", "/probe", ...words];
  const { exitCode, stdout, stderr } = await machine.client(command);
  return { exitCode, stdout, stderr };
}

describe.runIf(CAN_RUN_LAB)("a command in a container", { timeout: 60_000 }, () => {
  it("gives its output, its errors and its exit code", async () => {
    expect(await exec("web", "say", "out", "error")).toEqual({
      exitCode: 0,
      stdout: "out",
      stderr: "error",
    });
    expect(await exec("workload/web", "end", "0", "7")).toMatchObject({ exitCode: 7 });
  });
});
