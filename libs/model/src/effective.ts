import type * as z from "zod";
import { isBelow, isTable, joinKey, own, splitKey, unflatten, type FlatSettings } from "./keys.ts";
import type { Settings } from "./nested.ts";
import { MODEL } from "./schema.ts";
import { TOO_MANY } from "./named-map.ts";
import { findPlace } from "./setting-node.ts";
import { withEmptyTables } from "./empty-tables.ts";
import { isSecretKey, type SettingsModel } from "./settings-model.ts";
import { MUST_BE_SET, toIssues } from "./to-issues.ts";
import type { Issue } from "./settings-group.ts";

/** Stored values over the defaults of this image, those of the entries of maps included. */
export function effectiveSettings(stored: FlatSettings, model = MODEL): Map<string, unknown> {
  const ofEntries = [...stored.keys()]
    .flatMap((key) => [...entryDefaults(key, model)])
    // An entry that the image brings has values of its own.
    .filter(([key]) => !model.defaults.has(key));
  return new Map([...model.defaults, ...ofEntries, ...stored]);
}

/** What an entry that this key lies in has unless it is set. */
function entryDefaults(key: string, model: SettingsModel): Map<string, unknown> {
  const defaults = new Map<string, unknown>();
  const segments = splitKey(key) ?? [];
  for (const length of segments.keys()) {
    const place = findPlace(model.root, segments.slice(0, length));
    if (!place.found || place.node.kind !== "map") continue;
    const entry = joinKey(segments.slice(0, length + 1));
    for (const [inner, value] of place.node.defaults) defaults.set(`${entry}.${inner}`, value);
  }
  return defaults;
}

/** The typed tree of effective values. The values were validated when they were set. */
export function nestSettings(effective: FlatSettings): Settings {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every value passed its group's schema
  return nest(effective, MODEL) as unknown as Settings;
}

/** The effective value of one group; a group of one setting is that value itself. */
export function groupValue(path: string, effective: FlatSettings, model = MODEL): unknown {
  const ofGroup = new Map([...effective].filter(([key]) => isBelow(key, path)));
  return groupIn(nest(ofGroup, model), path);
}

function groupIn(settings: unknown, path: string): unknown {
  let value = settings;
  for (const name of path.split(".")) value = isTable(value) ? own(value, name) : undefined;
  return value;
}

/**
 * What each group demands of its effective value as a whole: what must be set, and rules between settings. Checked when a
 * transaction is committed; each value by itself was judged when it was set.
 */
export function checkRules(effective: FlatSettings, model = MODEL): Issue[] {
  const settings = nest(effective, model);
  return model.groups.flatMap(([path, group]) => {
    const value = groupIn(settings, path);
    const ofSchema = wholeIssues(group.schema, value);
    const issues = ofSchema.length > 0 ? ofSchema : group.check(value);
    return issues.map(({ key, reason }) => ({ key: key === "" ? path : `${path}.${key}`, reason }));
  });
}

/** What only the whole can break of a schema: what must be set, and how many entries there are. */
function wholeIssues(schema: z.ZodType, value: unknown): Issue[] {
  const issues = schema.safeParse(value).error?.issues ?? [];
  return issues.flatMap((issue) => {
    const isTooMany = issue.code === "custom" && issue.params?.["rule"] === TOO_MANY;
    return toIssues(issue, value).filter(({ reason }) => isTooMany || reason === MUST_BE_SET);
  });
}

/** Leaves out values that are write-only. */
export function withoutSecrets(flat: FlatSettings, model = MODEL): Map<string, unknown> {
  return new Map([...flat].filter(([key]) => !isSecretKey(model, key)));
}

function nest(effective: FlatSettings, model: SettingsModel): Record<string, unknown> {
  return withEmptyTables(unflatten(effective), model.root);
}
