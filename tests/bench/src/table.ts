import type { GroupReport, MissingFigure, SummarizedFigure, Unit } from "./report.ts";

const HEADER = ["", "median", "min … max", "n", "ratio", "baseline"] as const;
/** Columns of text; the others are numbers and end at the right. */
const LEFT_COLUMNS = new Set([0, 5]);

/** One group as a person reads it: a title, aligned rows, notes. */
export function formatGroup(group: GroupReport): string {
  const lines = [`${group.name}: ${group.does} (load ${group.loadBefore.toFixed(1)})`];
  const rows = group.figures.map(formatRow);
  if (rows.length > 0) lines.push(...alignRows([HEADER, ...rows]).map((row) => `  ${row}`));
  lines.push(...group.notes.map((note) => `  - ${note}`));
  if (group.failure !== undefined) lines.push(`  FAILED: ${group.failure}`);
  return `${lines.join("\n")}\n`;
}

function formatRow(figure: SummarizedFigure | MissingFigure): string[] {
  if ("notMeasured" in figure) return [figure.name, `not measured: ${figure.notMeasured}`];
  const { name, unit, count } = figure;
  const range = `${formatValue(figure.min, unit)} … ${formatValue(figure.max, unit)}`;
  return [
    name,
    formatValue(figure.median, unit),
    count === 1 ? "" : range,
    String(count),
    figure.ratio === undefined ? "" : `× ${formatRatio(figure.ratio)}`,
    figure.ratio === undefined ? "" : (figure.baseline ?? ""),
  ];
}

/** Rows as lines with aligned columns. A row of fewer cells ends with its last one, which widens no column. */
export function alignRows(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: width }, (_, column) =>
    Math.max(
      ...rows
        .filter((row) => row.length === width || column < row.length - 1)
        .map((row) => row[column]?.length ?? 0),
    ),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const isLast = row.length < width && column === row.length - 1;
        if (isLast) return cell;
        const size = widths[column] ?? 0;
        return LEFT_COLUMNS.has(column) ? cell.padEnd(size) : cell.padStart(size);
      })
      .join("  ")
      .trimEnd(),
  );
}

export function formatValue(value: number, unit: Unit): string {
  switch (unit) {
    case "s":
      return `${value.toFixed(value < 100 ? 2 : 0)} s`;
    case "ms":
      return `${value.toFixed(value < 10 ? 2 : 1)} ms`;
    case "bytes":
      return value < 1 << 20
        ? `${(value / 1024).toFixed(1)} KiB`
        : `${(value / (1 << 20)).toFixed(1)} MiB`;
    case "per second":
      return `${value.toFixed(0)} /s`;
    default:
      throw new Error(`Unknown unit "${String(unit)}"`);
  }
}

/** Three digits that count: 0.0123, 1.23, 12.3, 123. */
export function formatRatio(ratio: number): string {
  if (ratio === 0) return "0";
  return ratio.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(ratio)))));
}
