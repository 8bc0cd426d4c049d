import { covers } from "./key-pattern.ts";
import type { ReadyMigration } from "./ready-migration.ts";
import { workingValue, type WorkingValue } from "./working-values.ts";

/**
 * Finds out where a key that a migration added has its value from, so that it keeps the source of that: a value that went,
 * of the same entries of maps and equal if there is such a one.
 */
export function originsIn(
  ready: ReadyMigration,
  gone: ReadonlyMap<string, WorkingValue>,
): (key: string, value: unknown) => WorkingValue | undefined {
  const byMark = new Map<string, WorkingValue>();
  for (const entry of gone.values())
    for (const mark of marksOf(ready, entry.segments, entry.value))
      if (!byMark.has(mark)) byMark.set(mark, entry);
  return (key, value) =>
    marksOf(ready, workingValue(key, value).segments, value)
      .map((mark) => byMark.get(mark))
      .find((entry) => entry !== undefined);
}

/** From the most alike to what all have. */
function marksOf(ready: ReadyMigration, segments: readonly string[], value: unknown): string[] {
  const pattern = ready.owns.find((owned) => covers(owned, segments)) ?? [];
  const names = JSON.stringify(segments.filter((_, index) => pattern[index] === "*"));
  const text = JSON.stringify(value);
  return [`both ${names} ${text}`, `value ${text}`, `names ${names}`, "any"];
}
