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
const run = (file: string, ...args: string[]) =>
  execFileSync(file, args, { env, encoding: "utf8" });

function isInstalled(file: string): boolean {
  return env.PATH.split(":").some((place) => fs.existsSync(path.join(place, file)));
}

function canSetSectorSize(): boolean {
  return isInstalled("sfdisk") && run("sfdisk", "--help").includes("--sector-size");
}

/** A disk made by sgdisk: 9 partitions, flags, an odd name. */
function makeImage(name: string, ...more: string[]): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 40 * 1024 * 1024);
  const slots = [PARTITION_TYPE.boot, PARTITION_TYPE.root, PARTITION_TYPE.hash];
  const parts = ["ef00", ...slots, ...slots, "8300", "8300"].flatMap((type, index) => [
    `-n${index + 1}:0:+1M`,
    `-t${index + 1}:${type}`,
  ]);
  run(
    "sgdisk",
    ...parts,
    "-c2:Gewölbe 🚀",
    "-A2:set:48",
    "-A2:set:52",
    "-A2:set:60",
    ...more,
    file,
  );
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

describe.skipIf(!isInstalled("sgdisk"))("sgdisk as oracle", () => {
  it("wrote what is read here", () => {
    const gpt = read(makeImage("read.img"));
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
    const file = makeImage("write.img");
    const partitionGuid = "01234567-89ab-cdef-0123-456789abcdef";
    write(file, 5, { attributes: 0x0171_0000_0000_0001n, name: "Größe", partitionGuid });
    expect(run("sgdisk", "-v", file)).toContain("No problems found");
    const info = run("sgdisk", "-i5", file);
    expect(info).toContain("Partition unique GUID: 01234567-89AB-CDEF-0123-456789ABCDEF");
    expect(info).toContain("Attribute flags: 0171000000000001");
    expect(info).toContain("Partition name: 'Größe'");
  });

  it("agrees that a repaired copy is good", () => {
    const file = makeImage("repair.img");
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

describe.skipIf(!isInstalled("sfdisk") || !isInstalled("sgdisk"))("sfdisk as oracle", () => {
  it("reads the same table", () => {
    const file = makeImage("sfdisk.img");
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
