/** What a program said of itself in the Test Anything Protocol (version 13). */
export interface Outcome {
  readonly status: "passed" | "failed" | "skipped";
  /** Of a failed one: its failed points, or why it said none. */
  readonly failures: readonly string[];
}

const MAX_FAILURES = 20;

/**
 * A program passes with every point `ok`, as many as it planned, and exit code 0. All points skipped, or a plan of none, is
 * skipped. A point that is `not ok` and marked as `TODO` or `SKIP` is not counted.
 */
export function judgeTap(output: string, exitCode: number): Outcome {
  const lines = output.split("\n");
  const points = lines.filter((line) => /^(not )?ok\b/.test(line));
  const isSkip = (line: string): boolean => /#\s*(skip|todo)/i.test(line);
  const failures = points.filter((line) => line.startsWith("not ok") && !isSkip(line));
  const planned = lines.map((line) => /^1\.\.(\d+)/.exec(line)?.[1]).find(Boolean);
  if (planned === undefined) failures.push("it planned nothing");
  else if (Number(planned) !== points.length)
    failures.push(`it planned ${planned} points and made ${points.length}`);
  if (exitCode !== 0) failures.push(`it ended with ${exitCode}`);
  if (failures.length > 0) return { status: "failed", failures: failures.slice(0, MAX_FAILURES) };
  return { status: points.every(isSkip) ? "skipped" : "passed", failures: [] };
}
