import {
  faultOf,
  hasBootEverSucceeded,
  nextSlot,
  qualifies,
  resetsDue,
  rootHashOf,
  type CopyName,
  type Gpt,
  type ResetsDue,
  type Slot,
  type SlotName,
} from "@ballast/gpt";
import type { ActiveSlot } from "./active-slot.ts";
import type { Table } from "./load-table.ts";

/** Shape of `signpost status --json`. */
export interface Status {
  readonly disk: string;
  readonly sector_size_bytes: number;
  readonly slots: Readonly<Record<SlotName, SlotStatus>>;
  readonly active: SlotName | null;
  /** Why the active slot is not certain: then nothing is ever written. */
  readonly conflict: string | null;
  readonly next: SlotName;
  readonly copies: Readonly<Record<CopyName, CopyStatus>>;
  readonly protective_mbr: boolean;
  /** Some boot of this disk was marked successful once. */
  readonly ever_succeeded: boolean;
  /** Whose file system is made anew at the next start. */
  readonly reset_due: ResetsDue;
}

interface SlotStatus {
  readonly partitions: { readonly boot: number; readonly root: number; readonly hash: number };
  readonly priority: number;
  readonly tries_left: number;
  readonly successful: boolean;
  /** It boots by right, not only as the last resort. */
  readonly qualifies: boolean;
  /** The UUIDs of ROOT and HASH joined: 64 hexadecimal digits. */
  readonly root_hash: string;
}

interface CopyStatus {
  readonly state: "valid" | "damaged" | "outdated";
  readonly trusted: boolean;
  readonly fault: string | null;
}

export function statusOf(disk: string, { gpt, slots }: Table, active: ActiveSlot | null): Status {
  return {
    disk,
    sector_size_bytes: gpt.geometry.sectorSizeBytes,
    slots: { A: slotStatus(slots.A), B: slotStatus(slots.B) },
    active: active?.slot ?? null,
    conflict: active !== null && "conflict" in active ? active.conflict : null,
    next: nextSlot(slots),
    copies: { primary: copyStatus(gpt, "primary"), backup: copyStatus(gpt, "backup") },
    protective_mbr: gpt.protectiveMbr.isProtective,
    ever_succeeded: hasBootEverSucceeded(gpt.entries),
    reset_due: resetsDue(gpt.entries),
  };
}

export function formatStatus(status: Status): string {
  const slot = (name: SlotName): string => {
    const { partitions, priority, tries_left, successful } = status.slots[name];
    const marks = [
      ...(status.active === name ? ["active"] : []),
      ...(status.next === name ? ["next"] : []),
    ].join(", ");
    return [
      `slot ${name}   ${marks.padEnd(14)}`,
      `boot ${partitions.boot}, root ${partitions.root}, hash ${partitions.hash}   `,
      `priority ${priority}, tries left ${tries_left}, ${successful ? "" : "not "}successful`,
    ].join("");
  };
  const copy = (name: CopyName): string => {
    const { state, trusted, fault } = status.copies[name];
    return `${name.padEnd(8)} ${state}${trusted ? ", trusted" : ""}${fault === null ? "" : `: ${fault}`}`;
  };
  return [
    `disk     ${status.disk}`,
    slot("A"),
    slot("B"),
    copy("primary"),
    copy("backup"),
    ...(status.protective_mbr ? [] : ["mbr      not protective"]),
    ...resetLine(status),
    ...(status.active === null && status.conflict === null ? ["active   unknown"] : []),
    ...(status.conflict === null ? [] : [`conflict ${status.conflict}`]),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join("");
}

function resetLine({ reset_due: due }: Status): string[] {
  return due.state || due.data ? [`reset    ${formatResets(due)} at the next start`] : [];
}

/** What is made anew at the next start. */
export function formatResets({ state, data }: ResetsDue): string {
  const parts = [...(state ? ["STATE"] : []), ...(data ? ["DATA"] : [])];
  return parts.length === 0 ? "none" : parts.join(" and ");
}

export function slotStatus(slot: Slot): SlotStatus {
  const { boot, root, hash, flags } = slot;
  return {
    partitions: { boot: boot.number, root: root.number, hash: hash.number },
    priority: flags.priority,
    tries_left: flags.triesLeft,
    successful: flags.successful,
    qualifies: qualifies(flags),
    root_hash: rootHashOf(slot),
  };
}

function copyStatus(gpt: Gpt, name: CopyName): CopyStatus {
  const fault = faultOf(gpt[name]) ?? null;
  const isStale = gpt.stale.includes(name);
  return {
    state: fault !== null ? "damaged" : isStale ? "outdated" : "valid",
    trusted: gpt.trusted === name,
    fault: fault ?? (isStale ? "it differs from the primary" : null),
  };
}
