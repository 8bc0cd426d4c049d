// Some of what the program promises is only true of a process: the lock, and both streams.
// oxlint-disable-next-line no-restricted-imports
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { flagsBySgdisk, makeDiskImage, run } from "./test-disk.ts";
import { sgdisk } from "./test-tools.ts";

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
const ON_A = ["--device", image, "--slot", "A"];
const ROOT_HASH = "0123456789abcdef".repeat(4);

function spawnSignpost(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...args], {
    encoding: "utf8",
  });
  return { status, stdout, stderr };
}

describe("on a disk image", () => {
  it("shows the slots", async () => {
    const { status, stdout } = await run(["status", "--device", image, "--json"]);
    expect(status).toBe(0);
    const rootHash: unknown = expect.stringMatching(/^[0-9a-f]{64}$/);
    expect(JSON.parse(stdout)).toEqual({
      disk: image,
      sector_size_bytes: 512,
      slots: {
        A: {
          partitions: { boot: 2, root: 3, hash: 4 },
          priority: 1,
          tries_left: 2,
          successful: false,
          qualifies: true,
          root_hash: rootHash,
        },
        B: {
          partitions: { boot: 5, root: 6, hash: 7 },
          priority: 0,
          tries_left: 0,
          successful: false,
          qualifies: false,
          root_hash: rootHash,
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
      ever_succeeded: false,
      reset_due: { state: false, data: false },
    });
    expect((await run(["status", "--device", image])).stdout).toBe(
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
    expect((await run(["status", ...ON_A])).stdout).toContain("slot A   active, next");
  });

  it("marks a slot, once, and sgdisk agrees", async () => {
    const mark = ["mark-successful-boot", ...ON_A];
    expect(spawnSignpost(...mark)).toEqual({
      status: 0,
      stdout: [
        `mark-successful-boot: wrote backup, primary of ${image}`,
        "slot A   1/2/unproven -> 1/7/successful",
        "next     slot A",
        "",
      ].join("\n"),
      stderr: `notice: Changed partition table disk=${image} command=mark-successful-boot slot_a=1/7/successful slot_b=0/0/unproven\n`,
    });
    expect(flagsBySgdisk(image, 2)).toEqual(NEW);
    expect(sgdisk("-i8", image)).toContain("Attribute flags: 0200000000000000");
    const { mtimeNs } = fs.statSync(image, { bigint: true });
    expect(await run(mark)).toMatchObject({
      status: 0,
      stdout: `mark-successful-boot: nothing to do on ${image}\n`,
      logged: [],
    });
    expect(fs.statSync(image, { bigint: true }).mtimeNs).toBe(mtimeNs);
  });

  it("tells whether a boot ever succeeded", async () => {
    const ask = ["has-boot-ever-succeeded", "--device", image];
    expect(await run(ask)).toMatchObject({ status: 0, stdout: "false\n" });
    await run(["mark-successful-boot", ...ON_A]);
    expect(await run(ask)).toMatchObject({ status: 0, stdout: "true\n" });
    await run(["clear-inactive", ...ON_A]);
    expect(await run([...ask, "--json"])).toMatchObject({ status: 0, stdout: "true\n" });
  });

  it("marks STATE and DATA for a reset and clears each mark alone, and sgdisk agrees", async () => {
    const on = ["--device", image];
    const bits = (): string[] =>
      [2, 8, 9].map((number) => /flags: (\w+)/.exec(sgdisk(`-i${number}`, image))?.[1] ?? "");
    const [boot = ""] = bits();
    const asked = await run(["request-reset", ...on]);
    expect(asked.stdout).toMatch(/^reset {4}none -> STATE$/m);
    expect(bits()).toEqual([boot, "0400000000000000", "0000000000000000"]);
    expect((await run(["status", ...on])).stdout).toMatch(/^reset {4}STATE at the next start$/m);
    const both = await run(["request-reset", "--data", "--json", ...on]);
    expect(JSON.parse(both.stdout)).toMatchObject({
      changed: true,
      reset_due: { state: true, data: true },
    });
    expect(bits()).toEqual([boot, "0400000000000000", "0400000000000000"]);
    expect((await run(["request-reset", "--data", ...on])).stdout).toContain("nothing to do");
    await run(["clear-reset", "--part", "state", ...on]);
    expect(bits()).toEqual([boot, "0000000000000000", "0400000000000000"]);
    await run(["cancel-reset", ...on]);
    expect(bits()).toEqual([boot, "0000000000000000", "0000000000000000"]);
  });

  it("leads a slot through an update, and back; each command twice is as good as once", async () => {
    const steps: [string, string[], string, string][] = [
      ["mark-successful-boot", [], "1/7/s", "0/0"],
      ["clear-inactive", [], "1/7/s", "0/0"],
      ["set-slot-uuids", ["--root-hash", ROOT_HASH], "1/7/s", "0/0"],
      ["mark-inactive-valid", [], "1/7/s", "0/2"],
      ["upgrade-to-inactive", [], "1/7/s", "2/2"],
      ["cancel-upgrade", [], "2/7/s", "0/2"],
      ["upgrade-to-inactive", [], "1/7/s", "2/2"],
      ["refill-tries", [], "1/7/s", "2/2"],
    ];
    const flagsOf = (number: number): string => {
      const { priority, triesLeft, successful } = flagsBySgdisk(image, number);
      return `${priority}/${triesLeft}${successful ? "/s" : ""}`;
    };
    const seen: unknown[] = [];
    for (const [command, options] of steps) {
      const line = [command, ...ON_A, ...options];
      const { status } = await run(line);
      const again = await run(line);
      const isDone = again.stdout.includes("nothing to do");
      seen.push([command, status, again.status, isDone, flagsOf(2), flagsOf(5)]);
    }
    expect(seen).toEqual(steps.map(([command, , a, b]) => [command, 0, 0, true, a, b]));
    expect(sgdisk("-i6", image)).toContain("01234567-89AB-CDEF-0123-456789ABCDEF");
    const onB = ["--device", image, "--slot", "B"];
    await run(["mark-successful-boot", ...onB]);
    const { stdout } = await run(["rollback-to-inactive", ...onB, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      command: "rollback-to-inactive",
      changed: true,
      dry_run: false,
      next: "A",
      before: { A: { priority: 1 }, B: { priority: 2, root_hash: ROOT_HASH } },
      after: { A: { priority: 2, tries_left: 7 }, B: { priority: 1, successful: true } },
    });
    // The fallback has its place, so it can be cleared; its UUIDs go with it, and only then.
    await run(["clear-inactive", ...ON_A]);
    expect(sgdisk("-i6", image)).not.toContain("01234567-89AB-CDEF-0123-456789ABCDEF");
  });

  it("says what it would do with --dry-run: one sector of each table, and the headers", async () => {
    const { status, stdout } = await run(["mark-successful-boot", ...ON_A, "--dry-run"]);
    expect(status).toBe(0);
    expect(stdout.replaceAll(image, "disk.img").split("\n")).toEqual([
      "mark-successful-boot: would write backup, primary of disk.img",
      "slot A   1/2/unproven -> 1/7/successful",
      "next     slot A",
      // BOOT-A is in the first sector of a table, STATE in the second.
      "write    1024 bytes at 16760320 (backup)",
      "write    512 bytes at 16776704 (backup)",
      "write    1024 bytes at 1024 (primary)",
      "write    512 bytes at 512 (primary)",
      "",
    ]);
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it("refuses what the slots do not allow, in words, in JSON and by the exit code", () => {
    const run1 = spawnSignpost("rollback-to-inactive", ...ON_A, "--json");
    expect(run1.status).toBe(1);
    expect(JSON.parse(run1.stdout)).toEqual({
      error: {
        code: "gpt.slot-not-bootable",
        message:
          "Cannot roll back to slot B: it would not boot, it is not successful and has no priority",
        hint: "A new slot is booted with upgrade-to-inactive.",
      },
    });
    expect(run1.stderr).toContain("signpost: Cannot roll back to slot B");
    const run2 = spawnSignpost("rollback-to-inactive", ...ON_A);
    expect(run2).toMatchObject({ status: 1, stdout: "", stderr: run1.stderr });
    expect(fs.readFileSync(image).equals(original)).toBe(true);
  });

  it("prints wrong usage as JSON too", async () => {
    const { status, stdout } = await run(["status", "--slot", "A", "--json"]);
    expect(status).toBe(64);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: "usage" } });
  });

  it.each([
    ["primary", 1024 + 3, "table CRC is"],
    ["backup", original.length - 512 + 20, "header CRC is"],
  ])("shows and repairs a damaged %s copy", async (copy, offset, fault) => {
    const fd = fs.openSync(image, "r+");
    fs.writeSync(fd, Buffer.of(77), 0, 1, offset);
    fs.closeSync(fd);
    expect((await run(["status", "--device", image])).stdout).toMatch(
      new RegExp(`${copy} +damaged: ${fault}`),
    );
    const { stdout, logged } = await run(["refill-tries", ...ON_A, "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: true, repairs: [{ copy }] });
    expect(logged.join("")).toContain(
      `Repaired copy of partition table disk=${image} copy=${copy}`,
    );
    expect(fs.readFileSync(image).equals(original)).toBe(true);
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
    const mark = ["mark-successful-boot", ...ON_A];
    const refused = await run(mark);
    expect(refused.status).toBe(75);
    expect(refused.stderr).toMatch(/^Cannot lock ".*": it is held\nAnother signpost/);
    expect(fs.readFileSync(image).equals(original)).toBe(true);
    holder.kill("SIGKILL");
    await once(holder, "exit");
    expect((await run(mark)).status).toBe(0);
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
  ])("%s: one sentence, exit 65", async (_what, file, reason) => {
    const { status, stdout, stderr } = await run(["status", "--device", file]);
    expect({ status, stdout }).toEqual({ status: 65, stdout: "" });
    expect(stderr).toMatch(/^Cannot /);
    expect(stderr).toContain(reason);
    for (const command of ["mark-successful-boot", "rewrite-table"])
      expect((await run([command, "--device", file, "--slot", "A"])).status).toBe(65);
  });

  it("cut short behind its partitions: shown, refused, and fitted by rewrite-table", async () => {
    const file = other("short", original.subarray(0, original.length - 1024));
    expect((await run(["status", "--device", file])).stdout).toContain(
      "is beyond the end of the disk",
    );
    const refused = await run(["mark-successful-boot", "--device", file, "--slot", "A"]);
    expect(refused.status).toBe(65);
    expect(refused.stderr).toContain("Cannot repair backup copy of GPT");
    expect(fs.readFileSync(file).equals(original.subarray(0, original.length - 1024))).toBe(true);
    expect((await run(["rewrite-table", "--device", file])).status).toBe(0);
    expect(sgdisk("-v", file)).toContain("No problems found");
  });

  it("missing: exit 69", async () => {
    const { status, stderr } = await run(["status", "--device", path.join(folder, "missing")]);
    expect(status).toBe(69);
    expect(stderr).toMatch(/^Cannot open ".*missing": ENOENT/);
  });
});
