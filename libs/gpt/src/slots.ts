import { readBootFlags, type BootFlags } from "./boot-flags.ts";
import { nextOf, type SlotName } from "./boot-order.ts";
import type { GptEntry } from "./entry.ts";
import { GptError } from "./errors.ts";
import { PARTITION_TYPE, type SlotPartition } from "./partition-type.ts";

/** One of the two sets of partitions that can be booted. */
export interface Slot {
  readonly name: SlotName;
  readonly boot: GptEntry;
  readonly root: GptEntry;
  readonly hash: GptEntry;
  readonly flags: BootFlags;
}

export type Slots = Readonly<Record<SlotName, Slot>>;

/** Slot A is made of the first partition of each type in table order, slot B of the second; labels do not count. */
export function findSlots(entries: readonly GptEntry[]): Slots {
  const found = {
    boot: pairOf(entries, "boot"),
    root: pairOf(entries, "root"),
    hash: pairOf(entries, "hash"),
  };
  const slot = (name: SlotName, index: 0 | 1): Slot => ({
    name,
    boot: found.boot[index],
    root: found.root[index],
    hash: found.hash[index],
    flags: readBootFlags(found.boot[index].attributes),
  });
  return { A: slot("A", 0), B: slot("B", 1) };
}

/** The slot that the selector takes at the next boot, if it can be loaded. */
export function nextSlot(slots: Slots): SlotName {
  return nextOf({ A: slots.A.flags, B: slots.B.flags });
}

/** The root hash of a slot as 64 hexadecimal digits: the first half names ROOT, the second HASH. */
export function rootHashOf({ root, hash }: Slot): string {
  return `${root.partitionGuid}${hash.partitionGuid}`.replaceAll("-", "");
}

/** The slot to which the partition of this number belongs. */
export function slotOfPartition(slots: Slots, number: number): SlotName | undefined {
  return [slots.A, slots.B].find(({ boot, root, hash }) =>
    [boot, root, hash].some((entry) => entry.number === number),
  )?.name;
}

function pairOf(entries: readonly GptEntry[], kind: SlotPartition): [GptEntry, GptEntry] {
  const [first, second, ...more] = entries.filter(
    (entry) => entry.typeGuid === PARTITION_TYPE[kind],
  );
  if (first !== undefined && second !== undefined && more.length === 0) return [first, second];
  const count = [first, second, ...more].filter((entry) => entry !== undefined).length;
  throw new GptError(
    "gpt.no-slots",
    `Cannot find the slots: the disk has ${count} ${kind.toUpperCase()} partitions, must have 2`,
    { hint: "Is this the disk of a Ballast machine?" },
  );
}
