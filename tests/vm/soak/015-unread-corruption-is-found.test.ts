import {
  bootsLimitMs,
  CORRUPT_ROOT,
  fetchSlots,
  findBytes,
  flipBit,
  inLab,
  PARTITION,
  readPartition,
  UNREAD,
} from "@ballast/testkit";
import { expect, test } from "vitest";

/** Such a slot boots, is healthy, and fails on the day on which somebody reads that file. */
test(
  "015 a bad block that no boot reads is found before the slot is marked",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB({ tries: 1 });
    const { startBytes } = await readPartition(disk.path, PARTITION.rootB);
    await flipBit(disk.path, startBytes + (await findBytes(parts.root, UNREAD)));
    const guest = await lab.boot({
      disk,
      allowed: CORRUPT_ROOT,
    });
    const { console } = guest.machine;
    await guest.answering();
    await console.waitFor(/device-mapper: verity.*corrupted/, { timeoutMs: 300_000 });
    await guest.healthy();
    const slots = await fetchSlots(guest.api);
    expect(slots).toMatchObject({
      active: "A",
      next: "A",
      slots: { B: { qualifies: false, successful: false, state: "failed" } },
      last_failure: {
        slot: "B",
        root_hash: parts.rootHash,
        reason: expect.stringMatching(/verity/),
        unmet: [],
      },
    });
    expect(slots.last_failure?.kernel_log).toMatch(/verity.*corrupted/);
  }),
);
