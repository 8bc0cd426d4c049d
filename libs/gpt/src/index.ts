export {
  markSuccessful,
  readBootFlags,
  takeTry,
  writeBootFlags,
  type BootFlags,
} from "./boot-flags.ts";
export { bootOrder, qualifies, type BootChoice } from "./boot-order.ts";
export type { CopyName, GptCopy } from "./copy.ts";
export type { DiskReader, Geometry, SectorSizeBytes } from "./disk.ts";
export { changeEntry, decodeEntries, type EntryChanges, type GptEntry } from "./entry.ts";
export { GptError } from "./errors.ts";
export { faultOf, readGpt, type Gpt } from "./gpt.ts";
export type { GptHeader } from "./header.ts";
export { PARTITION_TYPE } from "./partition-type.ts";
export {
  findSlots,
  nextSlot,
  slotOfPartition,
  type Slot,
  type SlotName,
  type Slots,
} from "./slots.ts";
export { planWrites, type CopyWrite } from "./write-plan.ts";
