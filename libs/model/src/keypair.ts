import { innerKey, unflatten } from "./keys.ts";
import { parsePatch, type Change, type PatchResult } from "./patch.ts";
import { MODEL } from "./schema.ts";
import type { Issue } from "./settings-group.ts";
import { isSettable, placeOf, type SettingsModel } from "./settings-model.ts";

/** The first `=` outside of quotes ends the key. */
const PAIR = /^((?:[^="]|"(?:[^"\\]|\\.)*")+)=(.*)$/s;

/**
 * Checks `key=value` texts. The value is tried as JSON scalar or list first and as plain text second, so `motd=42`
 * sets the text `42` while `api.remote.port=42` sets a number and `ntp.options=["nts"]` a list.
 */
export function parseKeypairs(pairs: readonly string[], model = MODEL): PatchResult {
  const changes = new Map<string, Change>();
  const issues: Issue[] = [];
  for (const pair of pairs) {
    const result = parsePair(pair, model);
    if (result.ok) for (const change of result.changes) changes.set(change.key, change);
    else issues.push(...result.issues);
  }
  return issues.length > 0 ? { ok: false, issues } : { ok: true, changes: [...changes.values()] };
}

function parsePair(pair: string, model: SettingsModel): PatchResult {
  const [, name, text] = PAIR.exec(pair) ?? [];
  if (name === undefined || text === undefined)
    return { ok: false, issues: [{ key: "request_payload", reason: "must be key=value" }] };
  const key = innerKey(name);
  if (!isSettable(model, key)) return { ok: false, issues: [{ key, reason: whyNot(model, key) }] };
  const typed = jsonLeaf(text);
  const first =
    typed === undefined ? undefined : parsePatch(unflatten(new Map([[key, typed]])), model);
  if (first?.ok === true) return first;
  const second = parsePatch(unflatten(new Map([[key, text]])), model);
  return second.ok ? second : (first ?? second);
}

type Leaf = string | number | boolean | readonly unknown[];

function whyNot(model: SettingsModel, key: string): string {
  const place = placeOf(model, key);
  return place.found ? "must be a table, not one value" : place.reason;
}

function jsonLeaf(text: string): Leaf | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLeafValue(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLeafValue(value: unknown): value is Leaf {
  return ["string", "number", "boolean"].includes(typeof value) || Array.isArray(value);
}
