/** Values by dotted key, without the leading `settings.`; arrays and scalars are leaves. */
export type FlatSettings = ReadonlyMap<string, unknown>;

export const SETTINGS_PREFIX = "settings.";

const BARE_SEGMENT = /^[A-Za-z0-9_-]+$/;
const ANY_SEGMENT = /[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"/y;

/**
 * The one form of a key: segments joined by dots, each bare if it is of `[A-Za-z0-9_-]+` and else a JSON text in double
 * quotes, as in `kernel.sysctl."net.ipv4.ip_forward"`.
 */
export function joinKey(segments: readonly string[]): string {
  return segments
    .map((segment) => (BARE_SEGMENT.test(segment) ? segment : JSON.stringify(segment)))
    .join(".");
}

/** The segments of a key, undefined if it is none. The empty key has no segments. */
export function splitKey(key: string): string[] | undefined {
  if (key === "") return [];
  const segments: string[] = [];
  for (let at = 0; ; at += 1) {
    ANY_SEGMENT.lastIndex = at;
    const [text] = ANY_SEGMENT.exec(key) ?? [];
    const segment = text?.startsWith('"') === true ? unquote(text) : text;
    if (text === undefined || segment === undefined) return undefined;
    segments.push(segment);
    at += text.length;
    if (at === key.length) return segments;
    if (key[at] !== ".") return undefined;
  }
}

/** `motd` → `settings.motd`: the form in which keys leave the API. */
export function apiKey(key: string): string {
  return SETTINGS_PREFIX + key;
}

/** Accepts a key with or without the leading `settings.`; needless quotes go, so that equal keys are equal texts. */
export function innerKey(key: string): string {
  if (key === "settings") return "";
  const inner = key.startsWith(SETTINGS_PREFIX) ? key.slice(SETTINGS_PREFIX.length) : key;
  const segments = splitKey(inner);
  return segments === undefined ? inner : joinKey(segments);
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
    for (const [key, leaf] of flatten(inner, below(prefix, name))) flat.set(key, leaf);
  return flat;
}

/** The key of the member `name` of a table. */
export function below(prefix: string, name: string): string {
  return prefix === "" ? joinKey([name]) : `${prefix}.${joinKey([name])}`;
}

/** Dotted keys → nested tables; the inverse of {@link flatten} for tables that are not empty. */
export function unflatten(flat: FlatSettings): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [key, value] of flat) {
    const segments = splitKey(key) ?? [key];
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

export function own(table: Record<string, unknown>, name: string): unknown {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** `__proto__` as a plain assignment would change the prototype instead of adding a key. */
export function define<Value>(table: Record<string, unknown>, name: string, value: Value): Value {
  Object.defineProperty(table, name, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  });
  return value;
}

function unquote(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}
