import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import * as z from "zod";

/** The part of vitest's JSON report that is counted. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(["passed", "failed", "skipped", "pending", "todo", "disabled"]),
          duration: z.number().nullish(),
        }),
      ),
    }),
  ),
});

export interface TestResult {
  readonly name: string;
  readonly status: "passed" | "failed" | "skipped";
  readonly seconds: number;
}

export async function readReport(file: string, root: string): Promise<readonly TestResult[]> {
  return parseReport(await readFile(file, "utf8"), root);
}

/** One result per test; a file that could not even be loaded is one failed test. */
export function parseReport(text: string, root: string): readonly TestResult[] {
  return Report.parse(JSON.parse(text)).testResults.flatMap((file): TestResult[] => {
    const place = relative(root, file.name);
    const tests = file.assertionResults.map((test): TestResult => ({
      name: `${place}: ${test.fullName}`,
      // "Not run" has many names; none of them is "passed".
      status: test.status === "passed" || test.status === "failed" ? test.status : "skipped",
      seconds: (test.duration ?? 0) / 1000,
    }));
    const isBroken = file.status === "failed" && tests.every(({ status }) => status !== "failed");
    return isBroken ? [...tests, { name: place, status: "failed", seconds: 0 }] : tests;
  });
}
