// The program is tested as a process, as the image runs it.
// oxlint-disable-next-line no-restricted-imports
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { createLog } from "@ballast/service";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseCommand } from "./cli.ts";
import { markSuccessfulBoot, showStatus } from "./run.ts";
import type { Places } from "./places.ts";
import { BOOT_GUID, flagsBySgdisk, makeDiskImage, makeMachine, sgdisk } from "./test-disk.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "signpost-"));
const image = path.join(folder, "disk.img");
const original = fs.readFileSync(makeDiskImage(image));
beforeEach(() => {
  fs.writeFileSync(image, original);
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const MAIN = path.join(import.meta.dirname, "main.ts");
const NEW = { priority: 1, triesLeft: 7, successful: true };

function signpost(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

/** Runs a command against a machine laid out in a directory. */
async function runOn(places: Places, line: string) {
  let stdout = "";
  const logged: string[] = [];
  const context = {
    stdout: (text: string) => {
      stdout += text;
      return Promise.resolve();
    },
    log: createLog({ write: (text) => logged.push(text), journal: false }),
  };
  const command = parseCommand(line.split(" "));
  if (command.do === "status") await showStatus(context, command, places);
  else if (command.do === "mark-successful-boot")
    await markSuccessfulBoot(context, command, places);
  return { stdout, logged };
}

let machines = 0;
function machine(slaves: readonly string[], loaderPartUuid?: string): Places {
  machines += 1;
  const facts = loaderPartUuid === undefined ? { slaves } : { slaves, loaderPartUuid };
  return makeMachine(path.join(folder, `machine-${machines}`), image, facts);
}

describe("on a disk image", () => {
  it("shows the slots", () => {
    const { status, stdout } = signpost("status", "--device", image, "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      disk: image,
      sector_size_bytes: 512,
      slots: {
        A: {
          partitions: { boot: 2, root: 3, hash: 4 },
          priority: 1,
          tries_left: 2,
          successful: false,
        },
        B: {
          partitions: { boot: 5, root: 6, hash: 7 },
          priority: 0,
          tries_left: 0,
          successful: false,
        },
      },
      active: null,
      conflict: null,
      next: "A",
      copies: {
        primary: { state: "valid", trusted: true, fault: null },
        backup: { state: "valid", trusted: false, fault: null },
      },
      protective_mbr: true,
    });
    expect(signpost("status", "--device", image).stdout).toBe(
      [
        `disk     ${image}`,
        "slot A   next          boot 2, root 3, hash 4   priority 1, tries left 2, not successful",
        "slot B                 boot 5, root 6, hash 7   priority 0, tries left 0, not successful",
        "primary  valid, trusted",
        "backup   valid",
        "active   unknown",
        "",
      ].join("\n"),
    );
  });

  it("marks a slot, once, and sgdisk agrees", () => {
    const mark = ["mark-successful-boot", "--device", image, "--slot", "A"];
    expect(signpost(...mark)).toMatchObject({
      status: 0,
      stdout: `Marked slot A of ${image} successful: 1/2/unproven -> 1/7/successful\n`,
    });
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
    expect(sgdisk("-v", image)).toContain("No problems found");
    const { mtimeNs } = fs.statSync(image, { bigint: true });
    expect(signpost(...mark)).toMatchObject({
      status: 0,
      stdout: `Slot A of ${image} is marked successful already\n`,
      stderr: "",
    });
    expect(fs.statSync(image, { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  it("only says what it would do with --dry-run", () => {
    const run = signpost("mark-successful-boot", "--device", image, "--slot", "A", "--dry-run");
    expect(run.status).toBe(0);
    expect(run.stdout.split("\n").map((line) => line.replace(image, "disk.img"))).toEqual([
      "Would mark slot A of disk.img successful: 1/2/unproven -> 1/7/successful",
      "Would write 16384 bytes at 16760320 (backup copy)",
      "Would write 512 bytes at 16776704 (backup copy)",
      "Would write 16384 bytes at 1024 (primary copy)",
      "Would write 512 bytes at 512 (primary copy)",
      "",
    ]);
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it.each([
    ["primary", 1024 + 3, "trusted", "table CRC is"],
    ["backup", original.length - 512 + 20, "", "header CRC is"],
  ])("shows and repairs a damaged %s copy", (copy, offset, _trusted, fault) => {
    const fd = fs.openSync(image, "r+");
    fs.writeSync(fd, Buffer.of(77), 0, 1, offset);
    fs.closeSync(fd);
    expect(signpost("status", "--device", image).stdout).toMatch(
      new RegExp(`${copy} +damaged: ${fault}`),
    );
    const run = signpost("mark-successful-boot", "--device", image, "--slot", "A", "--json");
    expect(JSON.parse(run.stdout)).toMatchObject({ changed: true, repairs: [{ copy }] });
    expect(run.stderr).toContain(`Repaired copy of partition table disk=${image} copy=${copy}`);
    expect(sgdisk("-v", image)).toContain("No problems found");
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
  });

  it("lets only one at a time write, and a killed one leaves no lock behind", async () => {
    const script = `
      import * as fs from "node:fs";
      const { withLock, lockPath } = await import(${JSON.stringify(path.join(import.meta.dirname, "lock.ts"))});
      withLock(lockPath(${JSON.stringify(image)}, {}, false), () => {
        fs.writeSync(1, "locked");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      });`;
    const holder = spawn(process.execPath, ["--input-type=module", "-e", script]);
    await once(holder.stdout, "data");
    const mark = ["mark-successful-boot", "--device", image, "--slot", "A"];
    const refused = signpost(...mark);
    expect(refused.status).toBe(75);
    expect(refused.stderr).toMatch(
      /^signpost: Cannot lock ".*": database is locked\nAnother signpost/,
    );
    expect(fs.readFileSync(image).equals(original)).toBe(true);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect(signpost(...mark).status).toBe(0);
  }, 20_000);
});

describe("what is not a disk", () => {
  const other = (name: string, bytes: Uint8Array): string => {
    const file = path.join(folder, name);
    fs.writeFileSync(file, bytes);
    return file;
  };
  const noise = Buffer.from(Array.from({ length: 8192 }, (_, index) => (index * 193) % 251));
  const huge = other("huge", Buffer.alloc(0));
  fs.truncateSync(huge, 2 ** 43);
  const noSlots = other("no-slots", Buffer.alloc(0));
  fs.truncateSync(noSlots, 4 * 1024 * 1024);
  sgdisk("-n1:0:+1M", noSlots);

  it.each([
    ["empty", other("empty", Buffer.alloc(0)), "the disk holds 0 sectors"],
    ["tiny", other("tiny", Buffer.alloc(700)), "the disk holds 1 sectors"],
    [
      "truncated in the table",
      other("cut", original.subarray(0, 5000)),
      "primary copy: usable range",
    ],
    ["noise", other("noise", noise), 'signature "EFI PART" is missing'],
    ["huge and empty", huge, 'signature "EFI PART" is missing'],
    ["without slots", noSlots, "the disk has 0 BOOT partitions, must have 2"],
    ["a directory", folder, "it is neither a block device nor a file"],
    ["a character device", "/dev/null", "it is neither a block device nor a file"],
  ])("%s: one sentence, exit 65", (_what, file, reason) => {
    const run = signpost("status", "--device", file);
    expect(run).toMatchObject({ status: 65, stdout: "" });
    expect(run.stderr).toContain(`signpost: Cannot`);
    expect(run.stderr).toContain(reason);
    expect(run.stderr).not.toContain("    at ");
    const write = signpost("mark-successful-boot", "--device", file, "--slot", "A");
    expect(write.status).toBe(65);
  });

  it("cut short behind its partitions: shown, but not written", () => {
    const file = other("short", original.subarray(0, original.length - 1024));
    expect(signpost("status", "--device", file).stdout).toContain("is beyond the end of the disk");
    const run = signpost("mark-successful-boot", "--device", file, "--slot", "A");
    expect(run.status).toBe(65);
    expect(run.stderr).toContain("Cannot repair backup copy of GPT");
    expect(fs.readFileSync(file).equals(original.subarray(0, original.length - 1024))).toBe(true);
  });

  it("missing: exit 69", () => {
    const run = signpost("status", "--device", path.join(folder, "missing"));
    expect(run.status).toBe(69);
    expect(run.stderr).toMatch(/^signpost: Cannot open ".*missing": ENOENT/);
  });
});

describe("on a machine", () => {
  it("marks the slot that runs when kernel and firmware agree", async () => {
    const places = machine(["vda3", "vda4"], BOOT_GUID.A.toUpperCase());
    expect((await runOn(places, "status")).stdout).toMatch(/slot A {3}active, next/);
    const { logged } = await runOn(places, "mark-successful-boot");
    expect(logged).toEqual([`notice: Marked slot successful disk=${places.dev}/vda slot=A\n`]);
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
    expect((await runOn(places, "mark-successful-boot")).logged).toEqual([]);
  });

  it("writes nothing when they disagree, and says why", async () => {
    const places = machine(["vda3", "vda4"], BOOT_GUID.B);
    await expect(runOn(places, "mark-successful-boot")).rejects.toThrow(
      `the root lies on partitions 3 and 4 of slot A, whose BOOT partition is ${BOOT_GUID.A}, but the firmware loaded "${BOOT_GUID.B}"`,
    );
    expect(fs.readFileSync(image).equals(original)).toBe(true);
    expect(JSON.parse((await runOn(places, "status --json")).stdout)).toMatchObject({
      active: "A",
      conflict: expect.stringContaining("but the firmware loaded"),
    });
  });

  it("warns when no selector set the variable", async () => {
    const { logged } = await runOn(machine(["vda6", "vda7"]), "mark-successful-boot");
    expect(logged[0]).toContain("no selector set LoaderDevicePartUUID");
    expect(flagsBySgdisk(image, 5)).toEqual({ ...NEW, priority: 0 });
  });

  it("cannot tell on another machine", async () => {
    const places = machine([]);
    await expect(runOn(places, "status")).rejects.toThrow("the root lies on 0 disks, must be 1");
    await expect(runOn(machine(["vda3", "vdb4"]), "status")).rejects.toThrow("on 2 disks");
    const nowhere = { ...places, sys: path.join(folder, "nowhere") };
    await expect(runOn(nowhere, "status")).rejects.toMatchObject({
      code: "signpost.no-active-slot",
      exitCode: 69,
    });
  });
});
