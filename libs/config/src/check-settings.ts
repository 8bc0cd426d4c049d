import { apiKey, checkRules, effectiveSettings, parsePatch, type Issue } from "@ballast/model";

/** Every rule that settings break as a machine's first ones; keys begin with `settings`, no reason quotes a value. */
export function checkSettings(settings: unknown): Issue[] {
  if (typeof settings !== "object" || settings === null || Array.isArray(settings))
    return [{ key: "settings", reason: "must be a table" }];
  const parsed = parsePatch(settings);
  if (!parsed.ok) return parsed.issues.map(withApiKey);
  const unset = parsed.changes.filter(({ value }) => value === null);
  if (unset.length > 0)
    return unset.map(({ key }) => ({ key: apiKey(key), reason: "must not be null: leave it out" }));
  const values = new Map(parsed.changes.map(({ key, value }) => [key, value]));
  return checkRules(effectiveSettings(values)).map(withApiKey);
}

function withApiKey({ key, reason }: Issue): Issue {
  return { key: apiKey(key), reason };
}
