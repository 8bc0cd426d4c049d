import { slotOfPartition, type Slot, type SlotName } from "@ballast/gpt";
import type { Table } from "./load-table.ts";
import type { Machine } from "./machine.ts";
import type { OtherDisk } from "./other-disks.ts";

/** The active slot, or one sentence why it is not certain. */
export type ActiveSlot =
  | { readonly slot: SlotName; readonly isConfirmed: boolean }
  | { readonly slot: SlotName | null; readonly conflict: string };

/**
 * The kernel knows what it runs from; the firmware's variable must name the BOOT partition of the same slot. Both find
 * partitions by UUID, so these must not be there twice: the flags that the selector counts could be on the other disk.
 */
export function decideActive(
  { gpt, slots }: Table,
  machine: Machine,
  others: readonly OtherDisk[],
): ActiveSlot {
  const owners = new Set(machine.rootPartitions.map((number) => slotOfPartition(slots, number)));
  const [slot] = owners;
  const parts = machine.rootPartitions.join(" and ");
  if (slot === undefined || owners.size > 1)
    return {
      slot: null,
      conflict: `the root lies on partitions ${parts}, which are not of one slot`,
    };
  const { loaderPartUuid } = machine;
  const { boot } = slots[slot];
  if (loaderPartUuid !== undefined && loaderPartUuid !== boot.partitionGuid)
    return {
      slot,
      conflict: `the root lies on partitions ${parts} of slot ${slot}, whose BOOT partition is ${boot.partitionGuid}, but the firmware loaded ${JSON.stringify(loaderPartUuid)}`,
    };
  const twin = findTwin(slots[slot], [{ path: machine.diskPath, entries: gpt.entries }, ...others]);
  return twin === undefined
    ? { slot, isConfirmed: loaderPartUuid !== undefined }
    : { slot, conflict: twin };
}

function findTwin(slot: Slot, disks: readonly OtherDisk[]): string | undefined {
  const all = disks.flatMap(({ path, entries }) => entries.map((entry) => ({ path, entry })));
  for (const kind of ["boot", "root", "hash"] as const) {
    const { partitionGuid } = slot[kind];
    const twin = all.find(
      ({ entry }) => entry.partitionGuid === partitionGuid && entry !== slot[kind],
    );
    if (twin !== undefined)
      return `partition ${twin.entry.number} of disk "${twin.path}" has the UUID ${partitionGuid} of ${kind.toUpperCase()} of slot ${slot.name} too`;
  }
  return undefined;
}
