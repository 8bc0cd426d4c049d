import { open, stat, truncate } from "node:fs/promises";
import {
  bootsLimitMs,
  GROWN_DISK,
  inLab,
  mustBeSoundTable,
  PARTITION,
  readPartition,
  waitMarked,
} from "@ballast/testkit";
import { expect, test } from "vitest";

const GIB = 2 ** 30;
const MIB = 2 ** 20;
/** Of STATE: some boot of this disk has succeeded. */
const EVER_SUCCEEDED = 1n << 57n;

test(
  "009 a fresh install marks slot A, and DATA grows into the disk",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const disk = await lab.makeDisk();
    const before = await readPartition(disk, PARTITION.data);
    expect((await readPartition(disk, PARTITION.state)).attributes & EVER_SUCCEEDED).toBe(0n);
    const diskBytes = (await stat(disk)).size + 2 * GIB;
    await truncate(disk, diskBytes);
    const guest = await lab.boot({ disk: { path: disk, format: "raw" }, allowed: [GROWN_DISK] });
    await guest.healthy();
    await waitMarked(guest.api, "A");
    await guest.shutDown();
    const { flags } = await readPartition(disk, PARTITION.bootA);
    expect(flags).toEqual({ priority: 1, tries: 7, isSuccessful: true });
    expect((await readPartition(disk, PARTITION.state)).attributes & EVER_SUCCEEDED).not.toBe(0n);
    const after = await readPartition(disk, PARTITION.data);
    expect(after.startBytes).toBe(before.startBytes);
    expect(after.startBytes + after.sizeBytes).toBeGreaterThan(diskBytes - 2 * MIB);
    await mustBeSoundTable(disk);
    expect(await readExt4Bytes(disk, after.startBytes)).toBeGreaterThan(after.sizeBytes - MIB);
  }),
);

/** Size of a file system by its superblock, at byte 1024: s_blocks_count_lo and s_log_block_size. */
async function readExt4Bytes(file: string, position: number): Promise<number> {
  await using handle = await open(file, "r");
  const { buffer } = await handle.read(Buffer.alloc(32), 0, 32, position + 1024);
  return buffer.readUInt32LE(4) * (1024 << buffer.readUInt32LE(24));
}
