import type { Change } from "@ballast/model";
import { isAccepted } from "./accepted.ts";
import { DatastoreError } from "./datastore-error.ts";
import type { HistoryEntry } from "./stored.ts";

export interface Restoration {
  readonly changes: readonly Change[];
  /** What stays as it is, and why. */
  readonly skipped: readonly { readonly key: string; readonly reason: string }[];
}

/** Every commit of the history can be restored, and the one before its oldest. */
export function checkReach(entries: readonly HistoryEntry[], id: number): void {
  const [newest, oldest] = [entries[0]?.id ?? 0, entries.at(-1)?.id ?? 1];
  if (id <= newest && id >= oldest - 1) return;
  throw new DatastoreError(
    "datastore.no-such-commit",
    `Cannot restore commit ${id}: the history goes from ${oldest - 1} to ${newest}`,
  );
}

/**
 * What leads from the live values to those right after the commit `id`: the later commits, newest first, taken back.
 * Pure. Secrets are not in the history, so they stay.
 */
export function planRestoration(
  entries: readonly HistoryEntry[],
  id: number,
  live: ReadonlyMap<string, unknown>,
): Restoration {
  const wanted = new Map<string, unknown>();
  const skipped = new Map<string, string>();
  for (const entry of entries.filter((candidate) => candidate.id > id))
    for (const change of entry.changes) {
      wanted.delete(change.key);
      skipped.delete(change.key);
      if (change.secret === true)
        skipped.set(change.key, "is a secret, which the history does not hold");
      else if ("old" in change) wanted.set(change.key, change.old);
      else skipped.set(change.key, "was changed by a system that did not keep the old value");
    }
  const changes: Change[] = [];
  for (const [key, value] of wanted) {
    if (JSON.stringify(live.get(key) ?? null) === JSON.stringify(value)) continue;
    if (value === null || isAccepted(key, value)) changes.push({ key, value });
    else skipped.set(key, "had a value that this system does not accept");
  }
  return {
    changes,
    skipped: [...skipped].map(([key, reason]) => ({ key, reason })).toSorted(byKey),
  };
}

function byKey(one: { readonly key: string }, two: { readonly key: string }): number {
  return one.key < two.key ? -1 : 1;
}
