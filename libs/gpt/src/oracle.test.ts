// The oracle is another program; the Exec port is a layer above this one.
// oxlint-disable-next-line no-restricted-imports
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { changeEntry, PARTITION_TYPE, planWrites, readGpt, type SectorSizeBytes } from "./index.ts";
import { diskOf } from "./memory-disk.ts";

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "gpt-oracle-"));
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
/** Debian's package of each tool. */
const PACKAGE = { parted: "parted", sfdisk: "fdisk", sgdisk: "gdisk" } as const;

/** A tool that is not installed fails the test, by the name of its package. */
function run(tool: keyof typeof PACKAGE, ...args: string[]): string {
  try {
    return execFileSync(tool, args, { env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT")
      throw new Error(`Cannot run "${tool}": install Debian's package ${PACKAGE[tool]}`, {
        cause: error,
      });
    throw error;
  }
}

function canSetSectorSize(): boolean {
  return run("sfdisk", "--help").includes("--sector-size");
}

const SLOT = [PARTITION_TYPE.boot, PARTITION_TYPE.root, PARTITION_TYPE.hash];
const PARTS = ["ef00", ...SLOT, ...SLOT, "8300", "8300"].flatMap((type, index) => [
  `-n${index + 1}:0:+1M`,
  `-t${index + 1}:${type}`,
]);

/** A disk made by sgdisk: 9 partitions, flags, an odd name. */
function makeImage(name: string, ...more: string[]): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 40 * 1024 * 1024);
  const flags = ["-A2:set:48", "-A2:set:52", "-A2:set:60"];
  run("sgdisk", ...PARTS, "-c2:Gewölbe 🚀", ...flags, ...more, file);
  return file;
}

const usual = makeImage("usual.img");

function copyOfUsual(name: string): string {
  const file = path.join(folder, name);
  fs.copyFileSync(usual, file);
  return file;
}

function read(file: string, sector: SectorSizeBytes = 512) {
  return readGpt(diskOf(fs.readFileSync(file), sector));
}

function write(file: string, number: number, changes: Parameters<typeof changeEntry>[3]): void {
  const gpt = read(file);
  const fd = fs.openSync(file, "r+");
  for (const { writes } of planWrites(gpt, changeEntry(gpt.header, gpt.table, number, changes)))
    for (const { bytes, offsetBytes } of writes)
      fs.writeSync(fd, bytes, 0, bytes.length, offsetBytes);
  fs.closeSync(fd);
}

describe("sgdisk as oracle", () => {
  it("wrote what is read here", () => {
    const gpt = read(copyOfUsual("read.img"));
    expect(gpt.stale).toEqual([]);
    expect(gpt.entries.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(gpt.entries[0]?.typeGuid).toBe("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    expect(gpt.entries[1]).toMatchObject({
      typeGuid: PARTITION_TYPE.boot,
      name: "Gewölbe 🚀",
      attributes: 0x1011_0000_0000_0000n,
      firstLba: 4096n,
      lastLba: 6143n,
    });
  });

  it("finds no problem in what was written here and reads it alike", () => {
    const file = copyOfUsual("write.img");
    const partitionGuid = "01234567-89ab-cdef-0123-456789abcdef";
    write(file, 5, { attributes: 0x0171_0000_0000_0001n, name: "Größe", partitionGuid });
    expect(run("sgdisk", "-v", file)).toContain("No problems found");
    const info = run("sgdisk", "-i5", file);
    expect(info).toContain("Partition unique GUID: 01234567-89AB-CDEF-0123-456789ABCDEF");
    expect(info).toContain("Attribute flags: 0171000000000001");
    expect(info).toContain("Partition name: 'Größe'");
  });

  it("agrees that a repaired copy is good", () => {
    const file = copyOfUsual("repair.img");
    for (const offset of [512, fs.statSync(file).size - 512]) {
      const fd = fs.openSync(file, "r+");
      fs.writeSync(fd, Buffer.alloc(512), 0, 512, offset);
      fs.closeSync(fd);
      write(file, 2, {});
      expect(run("sgdisk", "-v", file)).toContain("No problems found");
    }
  });

  it("makes tables of other sizes and places that are read here", () => {
    const gpt = read(makeImage("large.img", "--resize-table=256"));
    expect(gpt.header.entryCount).toBe(256);
    expect(gpt.stale).toEqual([]);
    const moved = read(makeImage("moved.img", "--move-main-table=40"));
    expect(moved.header.tableLba).toBe(40n);
    expect(moved.stale).toEqual([]);
  });
});

describe("sfdisk as oracle", () => {
  it("reads the same table", () => {
    const file = copyOfUsual("sfdisk.img");
    write(file, 2, { attributes: 0x0171_0000_0000_0000n });
    const gpt = read(file);
    const told: unknown = JSON.parse(run("sfdisk", "--json", file));
    expect(told).toMatchObject({
      partitiontable: {
        id: gpt.header.diskGuid.toUpperCase(),
        partitions: gpt.entries.map(({ firstLba, lastLba, typeGuid, partitionGuid, number }) => ({
          start: Number(firstLba),
          size: Number(lastLba - firstLba + 1n),
          type: typeGuid.toUpperCase(),
          uuid: partitionGuid.toUpperCase(),
          ...(number === 2 ? { attrs: "GUID:48,52,53,54,56", name: "Gewölbe 🚀" } : {}),
        })),
      },
    });
  });

  // sfdisk takes the sector size of a file only since util-linux 2.39.
  it.skipIf(!canSetSectorSize())("makes 4096-byte sectors that are read here", () => {
    const file = path.join(folder, "4k.img");
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 64 * 1024 * 1024);
    const script = `label: gpt\nname="x", size=1MiB, attrs="GUID:48"\n`;
    execFileSync("sfdisk", ["--sector-size", "4096", file], { env, input: script, stdio: "pipe" });
    expect(read(file, 4096)).toMatchObject({ stale: [], entries: [{ number: 1, name: "x" }] });
  });
});

describe("parted as oracle", () => {
  it("made a table that is kept byte for byte, and reads what was written", () => {
    const file = path.join(folder, "parted.img");
    fs.writeFileSync(file, "");
    fs.truncateSync(file, 24 * 1024 * 1024);
    const parts = ["Äpfel", "b"].flatMap((name, index) => [
      ...["mkpart", name, `${index + 1}MiB`, `${index + 2}MiB`],
    ]);
    run("parted", "--script", file, "mklabel", "gpt", ...parts, "set", "2", "legacy_boot", "on");
    const before = fs.readFileSync(file);
    const gpt = read(file);
    expect(gpt).toMatchObject({ stale: [], entries: [{ name: "Äpfel" }, { attributes: 4n }] });
    write(file, 2, { attributes: 4n | (0x171n << 48n) });
    const after = fs.readFileSync(file);
    const changed = [...after.keys()].filter((at) => after[at] !== before[at]);
    const backup = before.length - 512;
    // Two bytes of flags in each table; of each header the CRC of the table and its own.
    const allowed = [1024, backup - 32 * 512].flatMap((table) => [table + 182, table + 183]);
    for (const header of [512, backup])
      for (const field of [16, 88])
        for (let at = 0; at < 4; at++) allowed.push(header + field + at);
    expect(changed.filter((at) => !allowed.includes(at))).toEqual([]);
    expect(changed).toEqual(expect.arrayContaining([1024 + 182, 1024 + 183]));
    const told = run("parted", "--script", "--machine", file, "print");
    expect(told).toContain("2:2097kB:3146kB:1049kB::b:legacy_boot;");
    expect(run("sgdisk", "-v", file)).toContain("No problems found");
  });
});
