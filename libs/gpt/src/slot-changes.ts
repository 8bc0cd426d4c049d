import { writeBootFlags } from "./boot-flags.ts";
import type { FlagsBySlot, SlotName } from "./boot-order.ts";
import type { EntryChange, GptEntry } from "./entry.ts";
import { GptError, SlotError } from "./errors.ts";
import { STATE_TYPE } from "./partition-type.ts";
import { rootHashOf, type Slot, type Slots } from "./slots.ts";
import { otherSlot, requireCleared } from "./transitions.ts";

/** "Some boot of this disk has succeeded", on STATE: the bit that the peer keeps on its PRIVATE partition. */
const EVER_SUCCEEDED = 1n << 57n;
const ROOT_HASH = /^[0-9a-f]{64}$/;

/** Puts flags into the attributes of both BOOT partitions; all other bits stay. */
export function changeFlags(slots: Slots, flags: FlagsBySlot): EntryChange[] {
  return ([slots.A, slots.B] as const).map(({ name, boot }) => ({
    number: boot.number,
    changes: { attributes: writeBootFlags(boot.attributes, flags[name]) },
  }));
}

/**
 * Gives ROOT and HASH of a cleared slot UUIDs that no root hash has, so that the kernel, which looks a root up by UUID over
 * all partitions, cannot find the remains. HASH gets that of ROOT with the last bit flipped: by that a slot that was
 * cleared already is known, and is left alone.
 */
export function clearUuids(slot: Slot, randomUuid: () => string): EntryChange[] {
  if (slot.hash.partitionGuid === siblingOf(slot.root.partitionGuid)) return [];
  const guid = randomUuid();
  return nameParts(slot, guid, siblingOf(guid));
}

/** Names ROOT and HASH of the inactive slot by the halves of the root hash that is written to it. */
export function setSlotUuids(
  entries: readonly GptEntry[],
  slots: Slots,
  active: SlotName,
  rootHash: string,
): EntryChange[] {
  const hash = rootHash.toLowerCase();
  if (!ROOT_HASH.test(hash))
    throw new GptError(
      "gpt.bad-value",
      `Cannot name slot by root hash "${rootHash}": it must have 64 hexadecimal digits`,
    );
  const slot = slots[otherSlot(active)];
  if (rootHashOf(slot) === hash) return [];
  const guids = [guidOf(hash.slice(0, 32)), guidOf(hash.slice(32))] as const;
  const owner = entries.find(
    ({ number, partitionGuid }) =>
      guids.some((guid) => guid === partitionGuid) &&
      number !== slot.root.number &&
      number !== slot.hash.number,
  );
  if (owner !== undefined)
    throw new SlotError(
      "gpt.duplicate-root-hash",
      `Cannot name slot ${slot.name} by root hash ${hash}: partition ${owner.number} has the UUID ${owner.partitionGuid} already`,
      { hint: `Is this what slot ${active} runs already?` },
    );
  requireCleared(slot.flags, `Cannot name slot ${slot.name} by a root hash`);
  return nameParts(slot, ...guids);
}

export function hasBootEverSucceeded(entries: readonly GptEntry[]): boolean {
  return statesOf(entries).some(({ attributes }) => (attributes & EVER_SUCCEEDED) !== 0n);
}

/** Nothing on a disk without STATE. */
export function recordSuccess(entries: readonly GptEntry[]): EntryChange[] {
  return statesOf(entries).map(({ number, attributes }) => ({
    number,
    changes: { attributes: attributes | EVER_SUCCEEDED },
  }));
}

function statesOf(entries: readonly GptEntry[]): GptEntry[] {
  return entries.filter(({ typeGuid }) => typeGuid === STATE_TYPE);
}

function nameParts({ root, hash }: Slot, rootGuid: string, hashGuid: string): EntryChange[] {
  return [
    { number: root.number, changes: { partitionGuid: rootGuid } },
    { number: hash.number, changes: { partitionGuid: hashGuid } },
  ];
}

function siblingOf(guid: string): string {
  return guid.slice(0, -1) + (Number.parseInt(guid.slice(-1), 16) ^ 1).toString(16);
}

function guidOf(digits: string): string {
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
