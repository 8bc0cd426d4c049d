import type { BootFlags } from "./boot-flags.ts";

export type SlotName = "A" | "B";

/** The flags of both slots. */
export type FlagsBySlot = Readonly<Record<SlotName, BootFlags>>;

export interface BootChoice extends BootFlags {
  readonly number: number;
}

/** A slot that the selector tries by right, not only as the last resort. */
export function qualifies(flags: BootFlags): boolean {
  return flags.priority > 0 && (flags.successful || flags.triesLeft > 0);
}

/**
 * The order in which the selector tries the slots: the rule of kernel/selector/select.c, held to it by the shared
 * vectors. A successful slot without tries steps back behind the last successful one that has some, and no further.
 * Slots that do not qualify follow as the last resort.
 */
export function bootOrder<Slot extends BootChoice>(slots: readonly Slot[]): Slot[] {
  const rested = slots.filter((slot) => qualifies(slot) && slot.successful && slot.triesLeft > 0);
  const lowestRested = Math.min(...rested.map((slot) => slot.priority), 16);
  const rank = (slot: BootChoice): number =>
    slot.triesLeft === 0 ? Math.min(slot.priority, lowestRested) : slot.priority;
  const keys = (slot: BootChoice): readonly number[] =>
    qualifies(slot)
      ? [0, -rank(slot), slot.triesLeft === 0 ? 1 : 0, -slot.priority, slot.number]
      : [1, -slot.priority, slot.successful ? 0 : 1, slot.number];
  return slots.toSorted((left, right) => compareKeys(keys(left), keys(right)));
}

/** The slot that is tried first; A has the lower numbers. */
export function nextOf(flags: FlagsBySlot): SlotName {
  const [first] = bootOrder([
    { ...flags.A, number: 1 },
    { ...flags.B, number: 2 },
  ]);
  return first?.number === 2 ? "B" : "A";
}

function compareKeys(left: readonly number[], right: readonly number[]): number {
  for (const [index, value] of left.entries()) {
    const difference = value - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
