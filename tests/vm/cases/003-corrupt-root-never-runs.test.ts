import {
  bootsLimitMs,
  CORRUPT_ROOT,
  flipBit,
  inLab,
  PARTITION,
  readPartition,
} from "@ballast/testkit";
import { expect, test } from "vitest";

const BOOT_LIMIT_MS = 120_000;
/** What PID 1 of the root would say; it must not come so far. */
const USERSPACE = /systemd\[1\]|Welcome to|Ballast 0/;

/**
 * Byte 0 of ROOT is in the block of erofs' superblock, which every mount reads, but erofs itself ignores the first
 * 1024 bytes: nobody but dm-verity can notice.
 */
test(
  "003 a flipped byte in the root stops the machine",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const disk = await lab.makeDisk();
    const root = await readPartition(disk, PARTITION.rootA);
    await flipBit(disk, root.startBytes);
    const guest = await lab.boot({
      disk: { path: disk, format: "raw" },
      allowed: CORRUPT_ROOT,
    });
    const { console, qmp } = guest.machine;
    await console.waitFor(/device-mapper: verity.*corrupted/, { timeoutMs: BOOT_LIMIT_MS });
    await console.waitFor(/Kernel panic/, { timeoutMs: 30_000 });
    // panic=10: the machine restarts by itself, so that another slot would get its turn.
    await guest.machine.waitForReset(60_000);
    await guest.powerCut();
    expect(console.lines.filter(({ text }) => USERSPACE.test(text))).toEqual([]);
    expect(qmp.events.items.filter(({ event }) => event === "RESET")).not.toEqual([]);
    const { flags } = await readPartition(disk, PARTITION.bootA);
    expect(flags.tries).toBeLessThan(7);
  }),
);
