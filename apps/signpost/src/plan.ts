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
  clearReset,
  requestReset,
  resetsDue,
  rollbackToInactive,
  setSlotUuids,
  upgradeToInactive,
  type CopyName,
  type CopyWrite,
  type EntryChange,
  type ResetPart,
  type ResetsDue,
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
  /** Of request-reset and clear-reset. */
  readonly resetParts: readonly ResetPart[];
  readonly randomUuid: () => string;
}

export interface Plan {
  readonly command: WriteCommandName;
  readonly before: Slots;
  readonly after: Slots;
  readonly resetsBefore: ResetsDue;
  readonly resetsAfter: ResetsDue;
  /** Copies that are made good on the way. */
  readonly repairs: readonly { readonly copy: CopyName; readonly fault: string }[];
  /** Empty: there is nothing to do. */
  readonly writes: readonly CopyWrite[];
}

type Change = (table: Table, active: SlotName, input: PlanInput) => readonly EntryChange[];
type PartChange = (table: Table, input: PlanInput) => readonly EntryChange[];

/** What is no matter of the slots. */
const PART_CHANGES = {
  "request-reset": ({ gpt }, { resetParts }) => requestReset(gpt.entries, resetParts),
  "cancel-reset": ({ gpt }) => clearReset(gpt.entries, ["state", "data"]),
  "clear-reset": ({ gpt }, { resetParts }) => clearReset(gpt.entries, resetParts),
  "rewrite-table": () => [],
} as const satisfies Partial<Record<WriteCommandName, PartChange>>;

type PartCommandName = keyof typeof PART_CHANGES;

/** What each command on the slots changes; throws if their state does not allow it. */
const CHANGES: Readonly<Record<Exclude<WriteCommandName, PartCommandName>, Change>> = {
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
  const changes = isPartCommand(command)
    ? PART_CHANGES[command](table, input)
    : CHANGES[command](table, active(), input);
  const changed = changeEntries(gpt.header, gpt.table, changes);
  const entries = decodeEntries(gpt.header, changed);
  return {
    command,
    before: slots,
    after: findSlots(entries),
    resetsBefore: resetsDue(gpt.entries),
    resetsAfter: resetsDue(entries),
    repairs,
    writes: command === "rewrite-table" ? planMove(gpt) : planWrites(gpt, changed),
  };
}

function isPartCommand(command: WriteCommandName): command is PartCommandName {
  return Object.hasOwn(PART_CHANGES, command);
}

function flags(transition: Transition, { slots }: Table, active: SlotName): EntryChange[] {
  return changeFlags(slots, transition({ A: slots.A.flags, B: slots.B.flags }, active));
}
