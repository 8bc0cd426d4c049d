export { readBootFlags, takeTry, writeBootFlags, type BootFlags } from "./boot-flags.ts";
export {
  bootOrder,
  nextOf,
  qualifies,
  type BootChoice,
  type FlagsBySlot,
  type SlotName,
} from "./boot-order.ts";
export type { CopyName, GptCopy } from "./copy.ts";
export type { DiskReader, Geometry, SectorSizeBytes } from "./disk.ts";
export {
  changeEntries,
  changeEntry,
  decodeEntries,
  type EntryChange,
  type EntryChanges,
  type GptEntry,
} from "./entry.ts";
export { GptError, SlotError } from "./errors.ts";
export { faultOf, readGpt, type Gpt } from "./gpt.ts";
export type { GptHeader } from "./header.ts";
export { planMove } from "./move-plan.ts";
export { DATA_TYPE, PARTITION_TYPE, STATE_TYPE } from "./partition-type.ts";
export {
  clearReset,
  requestReset,
  resetsDue,
  type ResetPart,
  type ResetsDue,
} from "./reset-flags.ts";
export {
  changeFlags,
  clearUuids,
  hasBootEverSucceeded,
  recordSuccess,
  setSlotUuids,
} from "./slot-changes.ts";
export {
  findSlots,
  nextSlot,
  rootHashOf,
  slotOfPartition,
  type Slot,
  type Slots,
} from "./slots.ts";
export {
  cancelUpgrade,
  clearInactive,
  markInactiveValid,
  markSuccessful,
  otherSlot,
  refillTries,
  rollbackToInactive,
  upgradeToInactive,
  type Transition,
} from "./transitions.ts";
export { planWrites, type CopyWrite } from "./write-plan.ts";
