import type { CisReport, CisStatus } from "./report.ts";

const plain = (_status: CisStatus, text: string): string => text;

/** The report as a table for people; `paint` colours the words for PASS and the others. */
export function cisText(
  { benchmark, level, status, counts, checks }: CisReport,
  paint: (status: CisStatus, text: string) => string = plain,
): string {
  const idWidth = Math.max(...checks.map(({ id }) => id.length), 0);
  const lines = checks.flatMap(({ id, title, mode, status: verdict, evidence }) => [
    `${paint(verdict, verdict.padEnd(5))}  ${id.padEnd(idWidth)}  ${title}${mode === "manual" ? " (manual)" : ""}`,
    `${" ".repeat(7 + idWidth)}  ${evidence}`,
  ]);
  const { PASS, FAIL, SKIP, ERROR } = counts;
  return [
    `${benchmark}, level ${level}`,
    "",
    ...lines,
    "",
    `${paint(status, status)}: ${PASS} passed, ${FAIL} failed, ${SKIP} for a person to judge, ${ERROR} could not look`,
    "",
  ].join("\n");
}
