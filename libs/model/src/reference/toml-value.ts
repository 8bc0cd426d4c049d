import { isTable, joinKey } from "../keys.ts";

/** A value as it stands behind `key =` in TOML 1.0, on one line. */
export function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(", ")}]`;
  if (isTable(value)) {
    const members = Object.entries(value).map(
      ([name, inner]) => `${joinKey([name])} = ${tomlValue(inner)}`,
    );
    return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
  }
  // TOML's escapes are those of JSON; it also wants DEL escaped, which JSON leaves as it is.
  return JSON.stringify(value).replaceAll("\u007F", String.raw`\u007F`);
}
