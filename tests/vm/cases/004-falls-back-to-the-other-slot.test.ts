import {
  bootsLimitMs,
  fetchJournalText,
  fetchSlots,
  inLab,
  PARTITION,
  readPartition,
  writeNoise,
} from "@ballast/testkit";
import { expect, test } from "vitest";

test(
  "004 noise in the preferred slot falls back to the other",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB();
    const bootB = await readPartition(disk.path, PARTITION.bootB);
    await writeNoise(disk.path, bootB.startBytes, bootB.sizeBytes);
    const guest = await lab.boot({ disk });
    await guest.healthy();
    expect(await guest.api.get("/os")).toMatchObject({ slot: "A", root_hash: lab.image.rootHash });
    // The firmware's word for it: no kernel of slot B ran that could have left one.
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "A",
      trial: false,
      last_failure: {
        slot: "B",
        root_hash: parts.rootHash,
        reason: expect.stringMatching(/^The selector could not start it: ./),
        kernel_log: null,
      },
    });
    await expect
      .poll(() => fetchJournalText(guest.api, 6), { timeout: 60_000, interval: 1000 })
      .toMatch(/Finished mark-successful-boot/);
    await guest.shutDown();
    const [a, b] = [
      await readPartition(disk.path, PARTITION.bootA),
      await readPartition(disk.path, PARTITION.bootB),
    ];
    // The boot took a try of A, and health gave it back.
    expect(a.flags).toEqual({ priority: 1, tries: 7, isSuccessful: true });
    expect(b.flags).toMatchObject({ isSuccessful: false });
    expect(b.flags.tries).toBeLessThan(2);
  }),
);
