import { joinKey } from "@ballast/model";
import { tomlValue } from "@ballast/model/reference";

/** A document of TOML 1.0 as a person would write it: a header for each table, texts of several lines as such. */
export function tomlDocument(root: Readonly<Record<string, unknown>>): string {
  return tableLines(root, []).join("\n").trim().concat("\n");
}

function tableLines(table: object, path: readonly string[]): string[] {
  const members = Object.entries(table);
  const values = members.filter(([, value]) => !isTable(value));
  const tables = members.filter(([, value]) => isTable(value));
  // A table that only holds tables exists by them.
  const hasHeader = path.length > 0 && (values.length > 0 || tables.length === 0);
  return [
    ...(hasHeader ? ["", `[${joinKey(path)}]`] : []),
    ...values.map(([name, value]) => `${joinKey([name])} = ${valueText(value)}`),
    ...tables.flatMap(([name, value]) =>
      isTable(value) ? tableLines(value, [...path, name]) : [],
    ),
  ];
}

function valueText(value: unknown): string {
  return typeof value === "string" && value.includes("\n") ? multiLine(value) : tomlValue(value);
}

/** Between triple quotes lines stay lines; all else is escaped as on one line. The first line end is not of the text. */
function multiLine(text: string): string {
  const lines = text.split("\n").map((line) => tomlValue(line).slice(1, -1));
  return `"""\n${lines.join("\n")}"""`;
}

function isTable(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
