import type { Attempt } from "./trial-file.ts";
import type { SignpostStatus, SlotStatus } from "./signpost-answer.ts";

export const HASH_A = "a".repeat(64);
export const HASH_B = "b".repeat(64);
export const NOW = "2026-05-01T12:00:00Z";

type Flags = readonly [priority: number, triesLeft: number, successful: boolean];

/** A runs, proven; B as told. */
export function statusWith(b: Flags, a: Flags = [1, 6, true]): SignpostStatus {
  const copy = { state: "valid", trusted: true, fault: null } as const;
  return {
    disk: "/dev/vda",
    active: "A",
    next: "A",
    conflict: null,
    slots: { A: slotWith(a, HASH_A), B: slotWith(b, HASH_B) },
    copies: { primary: copy, backup: { ...copy, trusted: false } },
  };
}

function slotWith([priority, tries_left, successful]: Flags, root_hash: string): SlotStatus {
  const qualifies = priority > 0 && (successful || tries_left > 0);
  return { priority, tries_left, successful, qualifies, root_hash };
}

export function attemptOfB(changes: Partial<Attempt> = {}): Attempt {
  return {
    boot_id: "boot-1",
    slot: "B",
    root_hash: HASH_B,
    version: "2.0.0",
    started_at: "2026-05-01T11:00:00Z",
    unmet: [{ name: "containerd", reason: "containerd.service is failed" }],
    ...changes,
  };
}

export function kernelLog(id: string, text: string) {
  return { id, at: "2026-05-01T11:30:00.000Z", text };
}

export const PANIC_LOG = kernelLog(
  "1777635000/001",
  "Panic#1 Part1\n<0>[    3.2] Kernel panic - not syncing: dm-verity device corrupted\n<0>[    3.3] Rebooting in 10 seconds..\n",
);
