import type { EntryChange, GptEntry } from "./entry.ts";
import { SlotError } from "./errors.ts";
import { DATA_TYPE, STATE_TYPE } from "./partition-type.ts";

/** Partitions that a reset of the machine makes anew. */
export type ResetPart = "state" | "data";

export type ResetsDue = Readonly<Record<ResetPart, boolean>>;

/** On STATE and DATA: the file system is made anew at the next start. `kernel/selector/reset.c` reads the same bit. */
const RESET_DUE = 1n << 58n;
const TYPES = { state: STATE_TYPE, data: DATA_TYPE } as const;

export function resetsDue(entries: readonly GptEntry[]): ResetsDue {
  const isDue = (part: ResetPart): boolean =>
    partitionsOf(entries, part).some(({ attributes }) => (attributes & RESET_DUE) !== 0n);
  return { state: isDue("state"), data: isDue("data") };
}

/** Marks all of these in one change of the table. What is due already stays due. */
export function requestReset(
  entries: readonly GptEntry[],
  parts: readonly ResetPart[],
): EntryChange[] {
  return parts.flatMap((part) => {
    const found = partitionsOf(entries, part);
    if (found.length === 0)
      throw new SlotError(
        "gpt.no-such-partition",
        `Cannot request a reset: the disk has no ${part.toUpperCase()} partition`,
        { hint: "Is this the disk of a Ballast machine?" },
      );
    return found.map(({ number, attributes }) => ({
      number,
      changes: { attributes: attributes | RESET_DUE },
    }));
  });
}

/** Takes the marks away; nothing on a disk without such a partition. */
export function clearReset(
  entries: readonly GptEntry[],
  parts: readonly ResetPart[],
): EntryChange[] {
  return parts.flatMap((part) =>
    partitionsOf(entries, part).map(({ number, attributes }) => ({
      number,
      changes: { attributes: attributes & ~RESET_DUE },
    })),
  );
}

function partitionsOf(entries: readonly GptEntry[], part: ResetPart): GptEntry[] {
  return entries.filter(({ typeGuid }) => typeGuid === TYPES[part]);
}
