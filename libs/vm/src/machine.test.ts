import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { execa } from "execa";
import * as z from "zod";
import { emptyMachine } from "./fixtures/empty-machine.ts";
import { Machine } from "./machine.ts";
import { makeScratchDir } from "./scratch-dir.ts";

function isAlive(processId: number): boolean {
  return existsSync(`/proc/${processId}`);
}

describe("Machine", { timeout: 120_000 }, () => {
  it("boots the firmware, takes a snapshot, goes back to it, and leaves nothing", async () => {
    using scratch = makeScratchDir();
    const options = await emptyMachine(scratch.path);
    let processId: number;
    {
      await using machine = await Machine.start(options);
      processId = machine.processId;
      expect(machine.apiPort).toBeGreaterThan(0);
      // The firmware says so when it has found no boot entry on the empty disk.
      await machine.console.waitFor(/BdsDxe|UEFI Interactive Shell/, { timeoutMs: 60_000 });
      await machine.saveSnapshot("here");
      await machine.loadSnapshot("here");
      await expect(machine.loadSnapshot("nowhere")).rejects.toThrow("nowhere");
      const events = machine.qmp.events.items.length;
      await machine.reset();
      await machine.waitForReset(10_000, events);
    }
    expect(isAlive(processId)).toBe(false);
    expect(readFileSync(options.consoleFile, "utf8")).toMatch(/^\[ +\d+\.\d{3}\] .*BdsDxe/m);
    {
      await using resumed = await Machine.start({ ...options, snapshot: "here" });
      expect(await resumed.qmp.execute("query-status")).toMatchObject({ status: "running" });
    }
    expect(readdirSync(tmpdir()).filter((name) => isOurs(name, scratch.path))).toEqual([]);
  });

  it("says what QEMU said when it cannot start", async () => {
    using scratch = makeScratchDir();
    const options = await emptyMachine(scratch.path);
    await expect(Machine.start({ ...options, disk: "/nonexistent" })).rejects.toMatchObject({
      code: "vm.start",
      cause: { message: expect.stringContaining("/nonexistent") },
    });
    await using first = await Machine.start(options);
    const other = await emptyMachine(makeDir(scratch.path, "other"));
    await expect(Machine.start({ ...other, apiPort: first.apiPort })).rejects.toMatchObject({
      code: "vm.port-in-use",
    });
  });

  it("offers a labelled volume, next to which snapshots still work", async () => {
    using scratch = makeScratchDir();
    const directory = makeDir(scratch.path, "volume");
    writeFileSync(join(directory, "user-data"), "[settings]\n");
    const options = await emptyMachine(scratch.path);
    await using machine = await Machine.start({
      ...options,
      volume: { directory, label: "BALLAST" },
    });
    await machine.saveSnapshot("here");
    expect(await machine.qmp.execute("query-named-block-nodes")).toContainEqual(
      expect.objectContaining({ "node-name": "volume", drv: "vvfat", ro: true }),
    );
  });

  it("ends open waits when the power is cut", async () => {
    using scratch = makeScratchDir();
    await using machine = await Machine.start(await emptyMachine(scratch.path));
    const wait = machine.console.waitFor(/never printed/, { timeoutMs: 60_000 });
    const [outcome] = await Promise.allSettled([wait, machine.powerCut()]);
    expect(outcome).toMatchObject({ status: "rejected", reason: { code: "vm.ended" } });
  });
});

/** A program that holds a machine, in a process of its own, ended in different ways. */
describe("a program with a machine", { timeout: 60_000 }, () => {
  it.each(["exit", "crash", "SIGKILL"] as const)("leaves no QEMU behind after %s", async (end) => {
    const fixture = join(import.meta.dirname, "fixtures/hold-machine.ts");
    const child = execa("node", [fixture, end], {
      preferLocal: true,
      localDir: import.meta.dirname,
      reject: false,
    });
    const { value: line } = await child[Symbol.asyncIterator]().next();
    const held = Held.parse(JSON.parse(String(line)));
    if (end === "SIGKILL") child.kill("SIGKILL");
    await child;
    await expect.poll(() => isAlive(held.qemu), { timeout: 5_000 }).toBe(false);
    // A killed program cannot tidy up; the next one does it.
    using next = makeScratchDir();
    expect(existsSync(next.path)).toBe(true);
    expect(existsSync(held.scratch)).toBe(false);
  });
});

const Held = z.object({ qemu: z.int(), scratch: z.string() });

function makeDir(parent: string, name: string): string {
  const path = join(parent, name);
  mkdirSync(path);
  return path;
}

/** Scratch directories of this process, other than the test's own. */
function isOurs(name: string, ownPath: string): boolean {
  return name.startsWith(`ballast-vm-${process.pid}-`) && join(tmpdir(), name) !== ownPath;
}
