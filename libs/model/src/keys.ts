/** Values by dotted key, without the leading `settings.`; arrays and scalars are leaves. */
export type FlatSettings = ReadonlyMap<string, unknown>;

export const SETTINGS_PREFIX = "settings.";

/** `motd` → `settings.motd`: the form in which keys leave the API. */
export function apiKey(key: string): string {
  return SETTINGS_PREFIX + key;
}

/** Accepts a key with or without the leading `settings.`. */
export function innerKey(key: string): string {
  if (key === "settings") return "";
  return key.startsWith(SETTINGS_PREFIX) ? key.slice(SETTINGS_PREFIX.length) : key;
}

/** Whether `key` is `prefix` or lies below it, segment by segment; every key lies below the empty prefix. */
export function isBelow(key: string, prefix: string): boolean {
  return prefix === "" || key === prefix || key.startsWith(`${prefix}.`);
}

export function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Nested tables → dotted keys. The input was validated, so its depth is that of the schema. */
export function flatten(value: unknown, prefix = ""): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  if (!isTable(value)) return value === undefined ? flat : flat.set(prefix, value);
  for (const [name, inner] of Object.entries(value))
    for (const [key, leaf] of flatten(inner, prefix === "" ? name : `${prefix}.${name}`))
      flat.set(key, leaf);
  return flat;
}

/** Dotted keys → nested tables; the inverse of {@link flatten} for tables that are not empty. */
export function unflatten(flat: FlatSettings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of flat) {
    const segments = key.split(".");
    const last = segments.pop() ?? key;
    let table = root;
    for (const segment of segments) {
      const inner = own(table, segment);
      table = isTable(inner) ? inner : define(table, segment, {});
    }
    define(table, last, value);
  }
  return root;
}

function own(table: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** `__proto__` as a plain assignment would change the prototype instead of adding a key. */
function define<Value>(table: Record<string, unknown>, name: string, value: Value): Value {
  Object.defineProperty(table, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return value;
}
