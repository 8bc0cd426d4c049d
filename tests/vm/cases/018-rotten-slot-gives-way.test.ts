import {
  bootsLimitMs,
  CORRUPT_ROOT,
  fetchSlots,
  flipBit,
  inLab,
  PARTITION,
  readPartition,
  waitMarked,
  writeBootFlags,
} from "@ballast/testkit";
import { expect, test } from "vitest";

/** After months: A was good and is preferred, then a block that each boot reads goes bad. B was good once, too. */
test(
  "018 a good slot that has rotted gives way to the other good one",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB();
    await writeBootFlags(disk.path, PARTITION.bootA, { priority: 2, tries: 1, isSuccessful: true });
    await writeBootFlags(disk.path, PARTITION.bootB, { priority: 1, tries: 7, isSuccessful: true });
    await flipBit(disk.path, (await readPartition(disk.path, PARTITION.rootA)).startBytes);
    const guest = await lab.boot({
      disk,
      allowed: CORRUPT_ROOT,
    });
    await guest.healthy();
    expect(await guest.api.get("/os")).toMatchObject({ slot: "B", root_hash: parts.rootHash });
    await waitMarked(guest.api, "B");
    const slots = await fetchSlots(guest.api);
    expect(slots).toMatchObject({
      active: "B",
      next: "B",
      trial: false,
      last_failure: {
        slot: "A",
        root_hash: lab.image.rootHash,
        reason: expect.stringMatching(/verity/),
      },
    });
    expect(slots.last_failure?.kernel_log).toMatch(/verity.*corrupted/);
  }),
);
