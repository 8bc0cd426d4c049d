import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootOrder, findSlots, readGpt, type BootFlags } from "@ballast/gpt";
import {
  bootsLimitMs,
  fetchSlots,
  inLab,
  mustBeSoundTable,
  readWriteLog,
  replayWrites,
  selectorOrders,
  survivors,
  tableStates,
  waitMarked,
  writeTableState,
  type TableState,
} from "@ballast/testkit";
import { convertImage } from "@ballast/vm";
import { expect, test } from "vitest";

const NEW = { priority: 2, triesLeft: 2, successful: false };
const TRIED = { ...NEW, triesLeft: 1 };
const MARKED = { priority: 2, triesLeft: 7, successful: true };

/**
 * One boot of a new slot with all that is written to its table: the selector takes a try, signpost marks. The power may
 * go at any write of it, and the disk may have written its cache in any order.
 */
test(
  "019 whichever write of the table is the last, a good slot boots, within its tries",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const { disk } = await lab.makeDiskWithB();
    const before = join(lab.directory, "before.raw");
    const writeLog = join(lab.directory, "writes.log");
    await convertImage(disk.path, before, "raw");
    await writeFile(writeLog, "");
    const recorded = await lab.boot({ disk, writeLog });
    await recorded.healthy();
    await waitMarked(recorded.api, "B");
    await recorded.powerCut();

    const log = await readWriteLog(writeLog);
    const states = await tableStates(log, before);
    const flags = states.map((state) => flagsOf(state));
    console.log(`${states.length} states of the table after ${log.requests.length} requests`);
    expect(distinct(flags.map(({ B }) => B))).toEqual([NEW, TRIED, MARKED]);
    expect(distinct(flags.map(({ A }) => A))).toEqual([
      { priority: 1, triesLeft: 7, successful: true },
    ]);
    const orders = await selectorOrders(states, join(lab.directory, "selector"));
    expect(orders).toEqual(states.map((state) => orderOf(state)));

    // One for real: the mark is half on the disk, so that the primary copy is no longer valid.
    const torn = states.findLast((state) => readGpt(state).primary.state === "invalid");
    if (torn === undefined) throw new Error("No state has an invalid primary copy");
    await replayWrites(
      log,
      survivors(log.requests, torn.requestCount, () => false),
      before,
    );
    await writeTableState(torn, before);
    const guest = await lab.boot({ disk: { path: before, format: "raw" } });
    await guest.healthy();
    expect(await fetchSlots(guest.api)).toMatchObject({ active: "B", next: "B" });
    await guest.shutDown();
    await mustBeSoundTable(before);
  }),
);

function slotsOf(state: TableState): ReturnType<typeof findSlots> {
  return findSlots(readGpt(state).entries);
}

function flagsOf(state: TableState): { readonly A: BootFlags; readonly B: BootFlags } {
  const { A, B } = slotsOf(state);
  return { A: A.flags, B: B.flags };
}

/** Partition numbers in the order in which libs/gpt says that they are tried. */
function orderOf(state: TableState): readonly number[] {
  const { A, B } = slotsOf(state);
  return bootOrder([A, B].map(({ boot, flags }) => ({ ...flags, number: boot.number }))).map(
    ({ number }) => number,
  );
}

function distinct(flags: readonly BootFlags[]): readonly BootFlags[] {
  return [...new Map(flags.map((one) => [JSON.stringify(one), one])).values()];
}
