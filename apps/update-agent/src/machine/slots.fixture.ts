import type { Slots, SlotState } from "./slots.ts";

export const HASH_1 = "1".repeat(64);
export const HASH_2 = "2".repeat(64);
export const HASH_3 = "3".repeat(64);

type Flags = readonly [priority: number, triesLeft: number, successful: boolean];

function slot(rootHash: string, [priority, tries, successful]: Flags, boot: number): SlotState {
  return {
    partitions: { boot, root: boot + 1, hash: boot + 2 },
    priority,
    tries_left: tries,
    successful,
    qualifies: priority > 0 && (successful || tries > 0),
    root_hash: rootHash,
  };
}

/** A runs a proven 1; B is cleared, unless told. */
export function slots(
  changes: {
    readonly active?: "A" | "B";
    readonly running?: readonly [rootHash: string, flags: Flags];
    readonly other?: readonly [rootHash: string, flags: Flags];
    readonly conflict?: string;
  } = {},
): Slots {
  const {
    active = "A",
    running = [HASH_1, [2, 7, true]],
    other = ["f".repeat(64), [0, 0, false]],
  } = changes;
  return {
    disk: "/dev/vda",
    active,
    running: slot(...running, active === "A" ? 2 : 5),
    other: slot(...other, active === "A" ? 5 : 2),
    conflict: changes.conflict ?? null,
  };
}
