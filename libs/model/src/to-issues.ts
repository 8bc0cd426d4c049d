import type * as z from "zod";
import { isTable, joinKey } from "./keys.ts";
import type { Issue } from "./settings-group.ts";

export const MUST_BE_SET = "must be set";

/** zod's issues in our words: which key, which rule, never the value. `input` is what was checked. */
export function toIssues(issue: z.core.$ZodIssue, input: unknown): Issue[] {
  const path = issue.path.map(String);
  const key = joinKey(path);
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((name) => ({
      key: joinKey([...path, name]),
      reason: "is not a known setting",
    }));
  if (issue.code === "invalid_key") return [{ key, reason: issue.issues[0]?.message ?? "" }];
  // Whatever its type: a choice or a union that is missing is an issue of another code.
  if (valueAt(input, path) === undefined) return [{ key, reason: MUST_BE_SET }];
  if (issue.code === "invalid_type") return [{ key, reason: `must be ${article(issue.expected)}` }];
  return [{ key, reason: issue.message }];
}

function valueAt(input: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) =>
      Array.isArray(value) ? value[Number(name)] : isTable(value) ? value[name] : undefined,
    input,
  );
}

function article(type: string): string {
  const name = type === "object" || type === "record" ? "table" : type;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}
