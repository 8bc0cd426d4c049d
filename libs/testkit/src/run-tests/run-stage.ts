import { join } from "node:path";
import { execa } from "execa";
import { readReport } from "./report.ts";
import type { Stage } from "./stages.ts";
import type { StageResult } from "./summary.ts";

export interface StageContext {
  readonly root: string;
  /** Where reports are written. */
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** Runs one stage with its output on the terminal, then counts from its report, never from its output. */
export async function runStage(stage: Stage, context: StageContext): Promise<StageResult> {
  const startedMs = performance.now();
  const report = join(context.scratch, `${stage.name.replaceAll(" ", "-")}.json`);
  const [file = "", ...args] = stage.command;
  const reporting = stage.hasTests
    ? ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`]
    : [];
  const verbose = stage.isDetailed === true ? ["--reporter=verbose"] : [];
  const outcome = await execa(file, [...args, ...reporting, ...verbose], {
    cwd: join(context.root, stage.folder),
    preferLocal: true,
    localDir: context.root,
    stdin: "ignore",
    stdout: "inherit",
    stderr: "inherit",
    reject: false,
    cancelSignal: context.signal,
  });
  context.signal.throwIfAborted();
  const seconds = (performance.now() - startedMs) / 1000;
  const exit = outcome.failed ? describeFailure(stage, outcome) : undefined;
  const base = { name: stage.name, seconds, isDetailed: stage.isDetailed === true };
  if (!stage.hasTests) return { ...base, failure: exit, tests: undefined };
  try {
    const tests = await readReport(report, context.root);
    return { ...base, tests, failure: exit ?? (tests.length === 0 ? "no test ran" : undefined) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...base, tests: [], failure: exit ?? `it left no report: ${reason}` };
  }
}

function describeFailure(
  stage: Stage,
  outcome: { readonly exitCode?: number | undefined; readonly signal?: string | undefined },
): string {
  const fate = outcome.signal ?? `exit code ${outcome.exitCode ?? "unknown"}`;
  return `"${stage.command.join(" ")}" ended with ${fate}`;
}
