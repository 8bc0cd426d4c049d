import {
  changeEntry,
  faultOf,
  markSuccessful,
  planWrites,
  slotOfPartition,
  writeBootFlags,
  type BootFlags,
  type CopyName,
  type CopyWrite,
  type SlotName,
  type Slots,
} from "@ballast/gpt";
import type { Table } from "./load-table.ts";
import type { Machine } from "./machine.ts";

/** The active slot, or one sentence why it is not certain. */
export type ActiveSlot =
  | { readonly slot: SlotName; readonly isConfirmed: boolean }
  | { readonly slot: SlotName | null; readonly conflict: string };

export interface MarkPlan {
  readonly slot: SlotName;
  readonly before: BootFlags;
  readonly after: BootFlags;
  /** Copies that are made good on the way. */
  readonly repairs: readonly { readonly copy: CopyName; readonly fault: string }[];
  /** Empty: there is nothing to do. */
  readonly writes: readonly CopyWrite[];
}

/** The kernel knows what it runs from; the firmware's variable must name the BOOT partition of the same slot. */
export function decideActive(slots: Slots, machine: Machine): ActiveSlot {
  const owners = new Set(machine.rootPartitions.map((number) => slotOfPartition(slots, number)));
  const [slot] = owners;
  const parts = machine.rootPartitions.join(" and ");
  if (slot === undefined || owners.size > 1)
    return {
      slot: null,
      conflict: `the root lies on partitions ${parts}, which are not of one slot`,
    };
  const { loaderPartUuid } = machine;
  if (loaderPartUuid === undefined) return { slot, isConfirmed: false };
  const { boot } = slots[slot];
  if (loaderPartUuid === boot.partitionGuid) return { slot, isConfirmed: true };
  return {
    slot,
    conflict: `the root lies on partitions ${parts} of slot ${slot}, whose BOOT partition is ${boot.partitionGuid}, but the firmware loaded ${JSON.stringify(loaderPartUuid)}`,
  };
}

/** What to write so that the slot counts as successful and both copies of the table say so. */
export function planMark({ gpt, slots }: Table, slot: SlotName): MarkPlan {
  const { boot, flags } = slots[slot];
  const after = markSuccessful(flags);
  const table = changeEntry(gpt.header, gpt.table, boot.number, {
    attributes: writeBootFlags(boot.attributes, after),
  });
  return {
    slot,
    before: flags,
    after,
    repairs: gpt.stale.map((copy) => ({
      copy,
      fault: faultOf(gpt[copy]) ?? "it differs from the primary",
    })),
    writes: planWrites(gpt, table),
  };
}
