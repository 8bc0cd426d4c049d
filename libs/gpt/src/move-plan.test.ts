import { describe, expect, it } from "vitest";
import { viewOf } from "./bytes.ts";
import { planMove, planWrites, readGpt } from "./index.ts";
import { applyWrites, diskOf, makeDisk, USUAL_SHAPE, type MemoryDisk } from "./memory-disk.ts";

const LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4";
const ENTRY = { typeGuid: LINUX, firstLba: 40n, lastLba: 60n, name: "data" };

/** A disk whose size was changed by so many sectors after the table was written. */
function resized(sectors: number, sectorSizeBytes: 512 | 4096 = 512, lastLba = 60n): MemoryDisk {
  const shape = { ...USUAL_SHAPE, sectorSizeBytes };
  const { bytes } = makeDisk(shape, new Map([[3, { ...ENTRY, lastLba }]]));
  viewOf(bytes).setUint32(454, 1, true);
  viewOf(bytes).setUint32(458, bytes.length / sectorSizeBytes - 1, true);
  const changed = new Uint8Array(bytes.length + sectors * sectorSizeBytes);
  changed.set(bytes.subarray(0, changed.length));
  return diskOf(changed, sectorSizeBytes);
}

function expectFitted(disk: MemoryDisk): void {
  const gpt = readGpt(disk);
  const last = disk.sectorCount - 1n;
  const tableSectors = BigInt(16_384 / disk.sectorSizeBytes);
  expect(gpt).toMatchObject({ trusted: "primary", stale: [] });
  expect(gpt.header).toMatchObject({
    alternateLba: last,
    lastUsableLba: last - tableSectors - 1n,
  });
  expect(gpt.backup).toMatchObject({ header: { ownLba: last, tableLba: last - tableSectors } });
  expect(gpt.entries).toMatchObject([{ number: 3, ...ENTRY }]);
  expect(viewOf(disk.bytes).getUint32(458, true)).toBe(Number(last));
  expect(planMove(gpt)).toEqual([]);
  expect(planWrites(gpt, gpt.table)).toEqual([]);
}

describe("planMove()", () => {
  it.each([
    // By one sector the new backup lies over the old one.
    [1, 512],
    [33, 512],
    [2000, 512],
    [1, 4096],
    [50, 4096],
    // A disk that was cut short behind its partitions.
    [-20, 512],
  ] as const)(
    "puts the backup to the end of a disk with %i more sectors of %i",
    (sectors, size) => {
      const disk = resized(sectors, size);
      const plan = planMove(readGpt(disk));
      expect(plan.map(({ copy }) => copy)).toEqual(["backup", "primary", "protective MBR"]);
      expectFitted(applyWrites(disk, plan));
    },
  );

  it("repairs the primary at the old places before it moves the backup", () => {
    const disk = resized(10);
    disk.bytes[1024] = 77;
    const plan = planMove(readGpt(disk));
    expect(plan.map(({ copy }) => copy)).toEqual([
      "primary",
      "backup",
      "primary",
      "protective MBR",
    ]);
    expectFitted(applyWrites(disk, plan));
  });

  it("keeps a valid table wherever the power goes", () => {
    for (const damage of [0, 1024]) {
      const disk = resized(10);
      if (damage > 0) disk.bytes[damage] = 77;
      const writes = planMove(readGpt(disk)).flatMap(({ copy, writes: all }) =>
        all.map((write) => ({ copy, writes: [write] })),
      );
      for (let done = 0; done <= writes.length; done++) {
        const cut = applyWrites(disk, writes.slice(0, done));
        expect(readGpt(cut).entries).toMatchObject([{ number: 3, ...ENTRY }]);
        expectFitted(applyWrites(cut, planMove(readGpt(cut))));
      }
    }
  });

  it("repairs a copy of a disk that did not grow", () => {
    const disk = resized(0);
    disk.bytes[disk.bytes.length - 500] = 1;
    const plan = planMove(readGpt(disk));
    expect(plan.map(({ copy }) => copy)).toEqual(["backup"]);
    expectFitted(applyWrites(disk, plan));
  });

  it("leaves an MBR alone that is not protective, or covers any disk", () => {
    for (const [offset, bytes] of [
      [450, [7]],
      [454, [2]],
      [458, [255, 255, 255, 255]],
    ] as const) {
      const disk = resized(10);
      disk.bytes.set(bytes, offset);
      expect(planMove(readGpt(disk)).map(({ copy }) => copy)).toEqual(["backup", "primary"]);
    }
  });

  it("refuses to move the table over a partition", () => {
    const disk = resized(-20, 512, 90n);
    expect(() => planMove(readGpt(disk))).toThrow(
      "Cannot move backup copy of GPT to LBA 110: partition 3 ends at LBA 90, must end before 78",
    );
  });
});
