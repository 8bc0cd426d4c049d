import type { MigrationReport } from "./report.ts";

const SIGN = { added: "+", changed: "~", removed: "-" } as const;

/** A report for people: what ran, which keys changed, what was set aside. */
export function reportLines(report: MigrationReport): string[] {
  const { from, to, direction, steps, changes, aside, restored, superseded, unused } = report;
  const named = (keys: readonly string[], why: string) => keys.map((key) => `  ${key}: ${why}`);
  return [
    `${from} to ${to}, ${direction}: ${countOf(steps.length, "migration")}`,
    ...steps.flatMap((step) => [
      `  ${step.migration}: ${step.describe}`,
      ...step.changes.map(({ key, action }) => `    ${SIGN[action]} ${key}`),
    ]),
    `changed in all: ${countOf(changes.length, "key")}`,
    ...aside.map(({ key, reason }) => `  ${key}: set aside: ${reason}`),
    ...named(restored, "set again"),
    ...named(superseded, "dropped, for it was changed since it had been set aside"),
    ...unused.map(({ key, reason }) => `  ${key}: not used: ${reason}`),
  ];
}

function countOf(count: number, thing: string): string {
  return `${count === 0 ? "no" : count} ${thing}${count === 1 ? "" : "s"}`;
}
