import type { FlatSettings } from "@ballast/model";
import type { AsideValue } from "./aside.ts";
import { covers, segmentsOf, type KeyPattern } from "./key-pattern.ts";

export interface WorkingValue {
  readonly value: unknown;
  readonly source: string | undefined;
  readonly segments: readonly string[];
  /** Comes, in the end, from a value that the schema of the starting version did not take. */
  readonly wasRefused: boolean;
  /** The migration that wrote it last, if one did. */
  readonly by: string | undefined;
}

/** Values on their way from one version to another; made for one run, changed in place. */
export interface Working {
  readonly values: Map<string, WorkingValue>;
  /** Waiting for a migration to be crossed again. */
  aside: AsideValue[];
}

export function workingValue(
  key: string,
  value: unknown,
  facts: Partial<Pick<WorkingValue, "source" | "wasRefused" | "by">> = {},
): WorkingValue {
  return {
    value,
    segments: segmentsOf(key),
    source: undefined,
    wasRefused: false,
    by: undefined,
    ...facts,
  };
}

/** The values at keys that one of the patterns covers. */
export function select(
  values: ReadonlyMap<string, WorkingValue>,
  patterns: readonly KeyPattern[],
): Map<string, WorkingValue> {
  const selected = new Map<string, WorkingValue>();
  for (const [key, entry] of values)
    if (patterns.some((pattern) => covers(pattern, entry.segments))) selected.set(key, entry);
  return selected;
}

export function plain(values: ReadonlyMap<string, WorkingValue>): FlatSettings {
  const result = new Map<string, unknown>();
  for (const [key, { value }] of values) result.set(key, value);
  return result;
}
