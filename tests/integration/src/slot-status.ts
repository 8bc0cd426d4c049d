/** Of slot A, which the machine runs. */
export const ROOT_HASH = "0123456789abcdef".repeat(4);
export const HASH_B = "b".repeat(64);

type Flags = readonly [priority: number, triesLeft: number, successful: boolean];

interface SlotChanges {
  readonly active?: "A" | "B";
  readonly a?: Flags;
  readonly b?: Flags;
  readonly conflict?: string;
}

/** What `signpost status --json` prints; A is proven and B empty unless told. */
export function slotStatus({ active = "A", a, b, conflict }: SlotChanges): object {
  return {
    disk: "/dev/vda",
    sector_size_bytes: 512,
    slots: {
      A: slot(a ?? [1, 6, true], ROOT_HASH, 2),
      B: slot(b ?? [0, 0, false], HASH_B, 5),
    },
    active,
    conflict: conflict ?? null,
    next: active,
    copies: {
      primary: { state: "valid", trusted: true, fault: null },
      backup: { state: "valid", trusted: false, fault: null },
    },
    protective_mbr: true,
    ever_succeeded: true,
  };
}

function slot([priority, tries_left, successful]: Flags, root_hash: string, boot: number): object {
  const partitions = { boot, root: boot + 1, hash: boot + 2 };
  const qualifies = priority > 0 && (successful || tries_left > 0);
  return { partitions, priority, tries_left, successful, qualifies, root_hash };
}
