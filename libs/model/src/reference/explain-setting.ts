import type { SettingExplanation, ValueSource } from "../api/setting-explanation.ts";
import { roleToWrite } from "../api/write-role.ts";
import { effectiveSettings } from "../effective.ts";
import { isBelow, joinKey, splitKey } from "../keys.ts";
import { MODEL } from "../schema.ts";
import { isSecretKey, type SettingsModel } from "../settings-model.ts";
import { knownPlace } from "./explain.ts";
import { ANY_NAME, explainPlace, type KnownPlace } from "./explain-place.ts";

export type ExplainedSetting =
  | { readonly found: true; readonly explanation: SettingExplanation }
  | { readonly found: false; readonly reason: string };

/** What was set, by key. */
type Stored = ReadonlyMap<
  string,
  { readonly value: unknown; readonly source: Exclude<ValueSource, "default"> }
>;

type Child = SettingExplanation["children"][number];

interface Machine {
  readonly model: SettingsModel;
  readonly stored: Stored;
  readonly effective: ReadonlyMap<string, unknown>;
}

/** What a key means and how it stands with what was set; the empty key explains all groups. Never the value of a secret. */
export function explainSetting(key: string, stored: Stored, model = MODEL): ExplainedSetting {
  const result = knownPlace(key, model);
  if (!result.found) return result;
  const { place } = result;
  const values = new Map([...stored].map(([one, { value }]) => [one, value]));
  const machine = { model, stored, effective: effectiveSettings(values, model) };
  return {
    found: true,
    explanation: {
      ...explainPlace(place, model),
      ...stateOf(place, machine),
      role: roleToWrite(joinKey(place.segments), machine.effective),
      children: childrenOf(place, machine),
    },
  };
}

function stateOf(
  { segments, node }: KnownPlace,
  machine: Machine,
): Pick<Child, "value" | "source"> {
  const key = joinKey(segments);
  const { model, stored, effective } = machine;
  if (node.kind !== "leaf" || !effective.has(key)) return { value: null, source: null };
  return {
    value: isSecretKey(model, key) ? null : effective.get(key),
    source: stored.get(key)?.source ?? "default",
  };
}

function childrenOf(place: KnownPlace, machine: Machine): Child[] {
  const { segments, node, maps } = place;
  if (segments.length === 0) return groupsOf(machine);
  if (node.kind === "leaf") return [];
  if (node.kind === "table")
    return [...node.fields].map(([name, field]) =>
      childOf({ segments: [...segments, name], node: field, maps }, machine),
    );
  const passed = [...maps, { depth: segments.length, node }];
  const entry = (name: string): KnownPlace => ({
    segments: [...segments, name],
    node: node.entry,
    maps: passed,
  });
  const another = entry(ANY_NAME);
  return [
    ...entryNames(segments, machine).map((name) => childOf(entry(name), machine)),
    ...(node.entry.kind === "leaf" ? [childOf(another, machine)] : childrenOf(another, machine)),
  ];
}

function groupsOf(machine: Machine): Child[] {
  return machine.model.groups
    .map(([path]) => knownPlace(path, machine.model))
    .flatMap((result) => (result.found ? [childOf(result.place, machine)] : []))
    .toSorted((one, two) => (one.key < two.key ? -1 : 1));
}

/** Entries that are there, by default or because something of them is set. */
function entryNames(segments: readonly string[], { effective }: Machine): string[] {
  const key = joinKey(segments);
  const names = [...effective.keys()]
    .filter((one) => one !== key && isBelow(one, key))
    .map((one) => splitKey(one)?.[segments.length] ?? "");
  return [...new Set(names)].toSorted();
}

function childOf(place: KnownPlace, machine: Machine): Child {
  const { key, kind, secret, description } = explainPlace(place, machine.model);
  return { key, kind, secret, description, ...stateOf(place, machine) };
}
