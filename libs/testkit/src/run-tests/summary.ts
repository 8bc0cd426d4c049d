import type { TestResult } from "./report.ts";

export interface StageResult {
  readonly name: string;
  readonly seconds: number;
  /** Why the stage itself failed, apart from its tests; undefined if it did not. */
  readonly failure: string | undefined;
  /** Undefined for a stage that builds or checks and has no tests. */
  readonly tests: readonly TestResult[] | undefined;
  /** Whether each test gets a row of its own. */
  readonly isDetailed: boolean;
}

export interface Totals {
  readonly passed: number;
  readonly failed: number;
}

/** A stage that failed without a failed test, or that ran no test at all, counts as one failure. */
export function countTotals(stages: readonly StageResult[]): Totals {
  let passed = 0;
  let failed = 0;
  for (const stage of stages) {
    const broken = count(stage, "failed");
    passed += count(stage, "passed");
    failed += broken === 0 && stage.failure !== undefined ? 1 : broken;
  }
  return { passed, failed };
}

/** The table, what was skipped, what failed, and the closing line. */
export function formatSummary(stages: readonly StageResult[]): string {
  const rows = stages.flatMap((stage) => [stageRow(stage), ...detailRows(stage)]);
  const width = Math.max(...rows.map(([label]) => label.length));
  const table = rows.map(([label, seconds, outcome]) =>
    `${label.padEnd(width)} ${seconds.toFixed(1).padStart(8)} s  ${outcome}`.trimEnd(),
  );
  const { passed, failed } = countTotals(stages);
  return [
    "",
    ...table,
    "",
    ...namesOf(stages, "skipped").map((name) => `skipped: ${name}`),
    ...namesOf(stages, "failed").map((name) => `failed: ${name}`),
    ...stages.flatMap(({ name, failure }) =>
      failure === undefined ? [] : [`failed: ${name}: ${failure}`],
    ),
    `${passed} passed, ${failed} failed`,
    "",
  ].join("\n");
}

type Row = readonly [label: string, seconds: number, outcome: string];

function stageRow(stage: StageResult): Row {
  const counts =
    stage.tests === undefined
      ? ""
      : `${count(stage, "passed")} passed, ${count(stage, "failed")} failed, ${count(stage, "skipped")} skipped`;
  const verdict = stage.failure === undefined ? "" : "FAILED";
  return [stage.name, stage.seconds, [counts, verdict].filter((text) => text !== "").join("  ")];
}

function detailRows(stage: StageResult): readonly Row[] {
  if (!stage.isDetailed) return [];
  return (stage.tests ?? []).map((test): Row => [`  ${test.name}`, test.seconds, test.status]);
}

function count(stage: StageResult, status: TestResult["status"]): number {
  return (stage.tests ?? []).filter((test) => test.status === status).length;
}

function namesOf(stages: readonly StageResult[], status: TestResult["status"]): readonly string[] {
  return stages.flatMap(({ tests }) =>
    (tests ?? []).filter((test) => test.status === status).map(({ name }) => name),
  );
}
