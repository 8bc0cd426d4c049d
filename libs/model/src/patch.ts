import type * as z from "zod";
import { below, flatten, isTable } from "./keys.ts";
import { MODEL } from "./schema.ts";
import { placeOf, type SettingsModel } from "./settings-model.ts";
import type { Issue } from "./settings-group.ts";
import { toIssues } from "./to-issues.ts";

/**
 * One wish of a transaction; `null` takes the value away, so that the default holds again. The key of an entry of a map
 * with `null` takes away everything below it.
 */
export interface Change {
  readonly key: string;
  readonly value: unknown;
}

export type PatchResult =
  | { readonly ok: true; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

/** No setting lies deeper; a bound keeps hostile nesting from using up the stack. */
const MAX_DEPTH = 16;

/** Checks nested settings as a client or user data gives them. Nothing of a refused patch is used. */
export function parsePatch(input: unknown, model = MODEL): PatchResult {
  const unsets: string[] = [];
  const issues: Issue[] = [];
  const values = withoutNulls(input, "", 0, unsets, issues);
  if (!isTable(input)) issues.push({ key: "settings", reason: "must be a table" });
  for (const key of unsets) {
    const reason = whyNotUnset(model, key);
    if (reason !== undefined) issues.push({ key, reason });
  }
  if (issues.length > 0) return { ok: false, issues };
  const parsed = model.partialSchema.safeParse(values);
  if (!parsed.success) return { ok: false, issues: firstOfEachKey(parsed.error.issues, values) };
  const sets = [...flatten(parsed.data)].map(([key, value]) => ({ key, value }));
  return { ok: true, changes: [...sets, ...unsets.map((key) => ({ key, value: null }))] };
}

/** Settings and entries of maps can be taken away; of a group or a map only the members can. */
function whyNotUnset(model: SettingsModel, key: string): string | undefined {
  const place = placeOf(model, key);
  if (!place.found) return place.reason;
  if (place.node.kind === "leaf" || place.isEntry) return undefined;
  return "must be a table: null takes away single settings only";
}

/** Copies tables without their null members, which are collected; zod would pass over `__proto__` in silence. */
function withoutNulls(
  value: unknown,
  path: string,
  depth: number,
  unsets: string[],
  issues: Issue[],
): unknown {
  if (!isTable(value)) return value;
  if (depth === MAX_DEPTH) {
    issues.push({ key: path, reason: `must not be nested deeper than ${MAX_DEPTH} tables` });
    return {};
  }
  const copy: Record<string, unknown> = {};
  for (const [name, inner] of Object.entries(value)) {
    const key = below(path, name);
    if (name === "__proto__") issues.push({ key, reason: "is not a known setting" });
    else if (inner === null) unsets.push(key);
    else copy[name] = withoutNulls(inner, key, depth + 1, unsets, issues);
  }
  return copy;
}

/** A text can break several rules at once; the first says enough. */
function firstOfEachKey(issues: readonly z.core.$ZodIssue[], input: unknown): Issue[] {
  const byKey = Map.groupBy(
    issues.flatMap((issue) => toIssues(issue, input)),
    ({ key }) => key,
  );
  return [...byKey.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}
