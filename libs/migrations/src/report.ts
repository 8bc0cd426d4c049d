import { isDeepStrictEqual } from "node:util";
import type { FlatSettings } from "@ballast/model";
import type { Direction } from "./chain.ts";

/** No report holds a value, so that none tells a secret. */
export interface KeyChange {
  readonly key: string;
  readonly action: "added" | "changed" | "removed";
}

export interface StepReport {
  /** `1.2.0 rename-hostname`. */
  readonly migration: string;
  readonly describe: string;
  readonly changes: readonly KeyChange[];
}

export interface KeyReason {
  readonly key: string;
  readonly reason: string;
}

export interface MigrationReport {
  readonly from: string;
  readonly to: string;
  readonly direction: Direction;
  /** The migrations that ran, in their order, those without an effect included. */
  readonly steps: readonly StepReport[];
  /** From the first form to the last. */
  readonly changes: readonly KeyChange[];
  /** What this run set aside; it comes back when the settings go the other way. */
  readonly aside: readonly KeyReason[];
  /** What an earlier run had set aside and is set again. */
  readonly restored: readonly string[];
  /** What an earlier run had set aside and was changed or taken away since: dropped. */
  readonly superseded: readonly string[];
  /** Values that the new version does not take, nor did a migration write them: left as they are, and not used. */
  readonly unused: readonly KeyReason[];
}

/** Which keys differ, in the order of their names. */
export function changesBetween(before: FlatSettings, after: FlatSettings): KeyChange[] {
  const changes: KeyChange[] = [];
  for (const key of before.keys()) if (!after.has(key)) changes.push({ key, action: "removed" });
  for (const [key, value] of after) {
    if (!before.has(key)) changes.push({ key, action: "added" });
    else if (!isSame(before.get(key), value)) changes.push({ key, action: "changed" });
  }
  return changes.toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Most values are texts and equal; only lists need a closer look. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === "object" && isDeepStrictEqual(a, b));
}
