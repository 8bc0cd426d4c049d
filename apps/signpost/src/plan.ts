import {
  cancelUpgrade,
  changeEntries,
  changeFlags,
  clearInactive,
  clearUuids,
  decodeEntries,
  faultOf,
  findSlots,
  markInactiveValid,
  markSuccessful,
  otherSlot,
  planMove,
  planWrites,
  recordSuccess,
  refillTries,
  rollbackToInactive,
  setSlotUuids,
  upgradeToInactive,
  type CopyName,
  type CopyWrite,
  type EntryChange,
  type SlotName,
  type Slots,
  type Transition,
} from "@ballast/gpt";
import type { WriteCommandName } from "./command-table.ts";
import type { Table } from "./load-table.ts";

/** What a command is told besides the table. */
export interface PlanInput {
  /** Of set-slot-uuids. */
  readonly rootHash: string;
  readonly randomUuid: () => string;
}

export interface Plan {
  readonly command: WriteCommandName;
  readonly before: Slots;
  readonly after: Slots;
  /** Copies that are made good on the way. */
  readonly repairs: readonly { readonly copy: CopyName; readonly fault: string }[];
  /** Empty: there is nothing to do. */
  readonly writes: readonly CopyWrite[];
}

type Change = (table: Table, active: SlotName, input: PlanInput) => readonly EntryChange[];

/** What each command changes; throws if the state of the slots does not allow it. rewrite-table changes no entry. */
const CHANGES: Readonly<Record<Exclude<WriteCommandName, "rewrite-table">, Change>> = {
  "mark-successful-boot": (table, active) => [
    ...flags(markSuccessful, table, active),
    ...recordSuccess(table.gpt.entries),
  ],
  "refill-tries": (table, active) => flags(refillTries, table, active),
  "clear-inactive": (table, active, { randomUuid }) => [
    ...flags(clearInactive, table, active),
    ...clearUuids(table.slots[otherSlot(active)], randomUuid),
  ],
  "set-slot-uuids": ({ gpt, slots }, active, { rootHash }) =>
    setSlotUuids(gpt.entries, slots, active, rootHash),
  "mark-inactive-valid": (table, active) => flags(markInactiveValid, table, active),
  "upgrade-to-inactive": (table, active) => flags(upgradeToInactive, table, active),
  "cancel-upgrade": (table, active) => flags(cancelUpgrade, table, active),
  "rollback-to-inactive": (table, active) => flags(rollbackToInactive, table, active),
};

/** What a command writes to this table; pure but for the UUIDs that it is given. */
export function planCommand(
  command: WriteCommandName,
  table: Table,
  active: () => SlotName,
  input: PlanInput,
): Plan {
  const { gpt, slots } = table;
  const repairs = gpt.stale.map((copy) => ({
    copy,
    fault: faultOf(gpt[copy]) ?? "it differs from the primary",
  }));
  if (command === "rewrite-table")
    return { command, before: slots, after: slots, repairs, writes: planMove(gpt) };
  const changed = changeEntries(gpt.header, gpt.table, CHANGES[command](table, active(), input));
  return {
    command,
    before: slots,
    after: findSlots(decodeEntries(gpt.header, changed)),
    repairs,
    writes: planWrites(gpt, changed),
  };
}

function flags(transition: Transition, { slots }: Table, active: SlotName): EntryChange[] {
  return changeFlags(slots, transition({ A: slots.A.flags, B: slots.B.flags }, active));
}
