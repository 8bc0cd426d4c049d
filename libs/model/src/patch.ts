import type * as z from "zod";
import { flatten, isBelow, isTable } from "./keys.ts";
import { KEYS, PartialSettingsSchema } from "./schema.ts";
import type { Issue } from "./settings-group.ts";

/** One wish of a transaction; `null` takes the value away, so that the default holds again. */
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
export function parsePatch(input: unknown): PatchResult {
  const unsets: string[] = [];
  const issues: Issue[] = [];
  const values = withoutNulls(input, "", 0, unsets, issues);
  if (!isTable(input)) issues.push({ key: "settings", reason: "must be a table" });
  for (const key of unsets) if (!KEYS.has(key)) issues.push({ key, reason: unsetReason(key) });
  if (issues.length > 0) return { ok: false, issues };
  const parsed = PartialSettingsSchema.safeParse(values);
  if (!parsed.success) return { ok: false, issues: firstOfEachKey(parsed.error.issues) };
  const sets = [...flatten(parsed.data)].map(([key, value]) => ({ key, value }));
  return { ok: true, changes: [...sets, ...unsets.map((key) => ({ key, value: null }))] };
}

/** A table of settings is known, but only its members can be taken away. */
function unsetReason(key: string): string {
  const isGroup = [...KEYS].some((known) => isBelow(known, key));
  return isGroup
    ? "must be a table: null takes away single settings only"
    : "is not a known setting";
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
    const key = path === "" ? name : `${path}.${name}`;
    if (name === "__proto__") issues.push({ key, reason: "is not a known setting" });
    else if (inner === null) unsets.push(key);
    else copy[name] = withoutNulls(inner, key, depth + 1, unsets, issues);
  }
  return copy;
}

/** A text can break several rules at once; the first says enough. */
function firstOfEachKey(issues: readonly z.core.$ZodIssue[]): Issue[] {
  const byKey = Map.groupBy(issues.flatMap(toIssues), ({ key }) => key);
  return [...byKey.values()].flatMap(([first]) => (first === undefined ? [] : [first]));
}

function toIssues(issue: z.core.$ZodIssue): Issue[] {
  const path = issue.path.map(String).join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => ({
      key: path === "" ? name : `${path}.${name}`,
      reason: "is not a known setting",
    }));
  if (issue.code === "invalid_type")
    return [{ key: path, reason: `must be ${article(issue.expected)}` }];
  return [{ key: path, reason: issue.message }];
}

function article(type: string): string {
  const name = type === "object" ? "table" : type;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}
