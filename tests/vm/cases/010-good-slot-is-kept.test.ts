import {
  bootsLimitMs,
  fetchSlots,
  inLab,
  mustBeSoundTable,
  PARTITION,
  readPartition,
  waitMarked,
} from "@ballast/testkit";
import { expect, test } from "vitest";

test(
  "010 a good new slot is marked, starts cold from what is on the disk, and can be left again",
  { timeout: bootsLimitMs(3) },
  inLab(async (lab) => {
    const { disk, parts } = await lab.makeDiskWithB();
    const guest = await lab.boot({ disk });
    await guest.healthy();
    expect(await guest.api.get("/os")).toMatchObject({ slot: "B", root_hash: parts.rootHash });
    await guest.machine.console.waitFor(/slot B .*on trial/, { timeoutMs: 1_000 });
    await waitMarked(guest.api, "B");
    await guest.shutDown();
    await mustBeSoundTable(disk.path);
    const bootB = await readPartition(disk.path, PARTITION.bootB);
    expect(bootB.flags).toEqual({ priority: 2, tries: 7, isSuccessful: true });

    await guest.switchOn();
    await guest.healthy();
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "B",
      next: "B",
      trial: false,
      slots: { A: { qualifies: true, state: "standby" }, B: { root_hash: parts.rootHash } },
      last_failure: null,
    });

    await guest.reboot("/actions/rollback?reboot=true");
    expect(await guest.api.get("/os")).toMatchObject({ slot: "A", root_hash: lab.image.rootHash });
    expect(await fetchSlots(guest.api)).toMatchObject({
      active: "A",
      next: "A",
      trial: false,
      slots: { B: { qualifies: true, state: "standby" } },
      last_failure: null,
    });
  }),
);
