import { isTable } from "../keys.ts";

/** What a TOML document can hold here; dates and fractions are not needed. */
export type TomlValue = string | number | boolean | readonly string[];
export interface TomlTable {
  /** Undefined is left out. */
  readonly [key: string]: TomlValue | TomlTable | undefined;
}

/**
 * A document of TOML 1.0. Tables come after the plain values of their parent, in the order of the object. Throws for what
 * our documents do not hold: a fraction or a number that is not exact, a text with half of a surrogate pair.
 */
export function tomlDocument(table: TomlTable): string {
  return tableLines(table, []).join("\n").trim().concat("\n");
}

/** A value as it stands behind `key =`, on one line; a table as an inline one. Throws for what TOML cannot hold. */
export function tomlValue(value: unknown): string {
  if (typeof value === "string") return tomlString(value);
  if (typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (isTable(value)) {
    const members = Object.entries(value).map(
      ([name, inner]) => `${tomlKey(name)} = ${tomlValue(inner)}`,
    );
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new Error("Cannot write a value that is neither text, number, list nor table");
  const digits = JSON.stringify(value);
  // An integer of TOML has 64 bits, a fraction no end.
  return Number.isInteger(value) && !Number.isSafeInteger(value) && !digits.includes("e")
    ? `${digits}.0`
    : digits;
}

function tableLines(table: TomlTable, path: readonly string[]): string[] {
  const lines: string[] = [];
  const tables: string[] = [];
  for (const [name, value] of Object.entries(table))
    if (value === undefined) continue;
    else if (isTomlTable(value)) tables.push(...tableLines(value, [...path, name]));
    else lines.push(`${tomlKey(name)} = ${plainValue(value)}`);
  // A table that only holds tables exists by them.
  const needsHeader = path.length > 0 && (lines.length > 0 || tables.length === 0);
  return [...(needsHeader ? ["", `[${path.map(tomlKey).join(".")}]`] : []), ...lines, ...tables];
}

function plainValue(value: TomlValue): string {
  if (typeof value === "number" && !Number.isSafeInteger(value))
    throw new Error("Cannot write a number that is not whole");
  return tomlValue(value);
}

function isTomlTable(value: TomlValue | TomlTable): value is TomlTable {
  return typeof value === "object" && !Array.isArray(value);
}

function tomlKey(name: string): string {
  return /^[A-Za-z0-9_-]+$/.test(name) ? name : tomlString(name);
}

/** JSON's escapes are all TOML's too; TOML also wants DEL escaped. */
function tomlString(text: string): string {
  if (!text.isWellFormed()) throw new Error("Cannot write a text that is not well-formed Unicode");
  return JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}
