import { stat } from "node:fs/promises";
import {
  bootsLimitMs,
  fetchSlots,
  inLab,
  mustBeSoundTable,
  PARTITION,
  waitMarked,
  writeBootFlags,
  writeNoise,
} from "@ballast/testkit";
import { expect, test } from "vitest";

const SECTOR_BYTES = 512;
const TABLE_BYTES = 33 * SECTOR_BYTES;

/** Two boots, of which the first has another trouble, too: no slot qualifies. */
test(
  "016 either copy of the table is enough, and the last resort boots from it",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk } = await lab.makeDiskWithB();
    const exhausted = { tries: 0, isSuccessful: false };
    await writeBootFlags(disk.path, PARTITION.bootA, { priority: 2, ...exhausted });
    await writeBootFlags(disk.path, PARTITION.bootB, { priority: 1, ...exhausted });
    await writeNoise(disk.path, SECTOR_BYTES, TABLE_BYTES);
    const guest = await lab.boot({ disk });
    await guest.healthy();
    await guest.machine.console.waitFor(/slot A .*as a last resort/, { timeoutMs: 1_000 });
    await waitMarked(guest.api, "A");
    // Nobody may reset a machine that has no other slot.
    expect(await fetchSlots(guest.api)).toMatchObject({ active: "A", trial: false });
    await guest.shutDown();
    await mustBeSoundTable(disk.path);

    await writeNoise(disk.path, (await stat(disk.path)).size - TABLE_BYTES, TABLE_BYTES);
    await guest.switchOn();
    await guest.healthy();
    expect(await fetchSlots(guest.api)).toMatchObject({ active: "A", next: "A", conflict: null });
    await guest.shutDown();
    await mustBeSoundTable(disk.path);
  }),
);
