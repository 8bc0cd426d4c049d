import { unflatten, innerKey } from "./keys.ts";
import { parsePatch, type Change, type PatchResult } from "./patch.ts";
import { KEYS } from "./schema.ts";
import type { Issue } from "./settings-group.ts";

/**
 * Checks `key=value` texts. The value is tried as JSON scalar first and as plain text second, so `motd=42` sets the
 * text `42` while `api.remote.port=42` sets a number.
 */
export function parseKeypairs(pairs: readonly string[]): PatchResult {
  const changes = new Map<string, Change>();
  const issues: Issue[] = [];
  for (const pair of pairs) {
    const result = parsePair(pair);
    if (result.ok) for (const change of result.changes) changes.set(change.key, change);
    else issues.push(...result.issues);
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, changes: [...changes.values()] };
}

function parsePair(pair: string): PatchResult {
  const at = pair.indexOf("=");
  if (at < 1)
    return { ok: false, issues: [{ key: "request_payload", reason: "must be key=value" }] };
  const key = innerKey(pair.slice(0, at));
  const text = pair.slice(at + 1);
  if (!KEYS.has(key)) return { ok: false, issues: [{ key, reason: "is not a known setting" }] };
  const typed = jsonScalar(text);
  const first = typed === undefined ? undefined : parsePatch(unflatten(new Map([[key, typed]])));
  if (first?.ok === true) return first;
  const second = parsePatch(unflatten(new Map([[key, text]])));
  return second.ok ? second : (first ?? second);
}

function jsonScalar(text: string): string | number | boolean | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isScalar(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isScalar(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}
