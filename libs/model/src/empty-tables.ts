import { define, isTable, own } from "./keys.ts";
import type { SettingNode } from "./setting-node.ts";

/** Adds the tables and maps that hold nothing: a reader of settings finds `{}` there, not nothing. Changes the table. */
export function withEmptyTables(
  table: Record<string, unknown>,
  node: SettingNode,
): Record<string, unknown> {
  const members =
    node.kind === "table"
      ? [...node.fields]
      : node.kind === "map"
        ? Object.keys(table).map((name) => [name, node.entry] as const)
        : [];
  for (const [name, inner] of members) {
    if (inner.kind === "leaf") continue;
    const value = own(table, name);
    withEmptyTables(isTable(value) ? value : define(table, name, {}), inner);
  }
  return table;
}
