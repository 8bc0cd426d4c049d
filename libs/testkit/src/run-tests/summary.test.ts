import { describe, expect, it } from "vitest";
import { parseReport } from "./report.ts";
import { countTotals, formatSummary, type StageResult } from "./summary.ts";

const STAGE: StageResult = {
  name: "unit tests",
  seconds: 1,
  failure: undefined,
  tests: [],
  isDetailed: false,
};
const passed = { name: "a", status: "passed", seconds: 1 } as const;
const failed = { name: "b", status: "failed", seconds: 2 } as const;
const skipped = { name: "c", status: "skipped", seconds: 0 } as const;

describe("countTotals()", () => {
  it.each<[string, Partial<StageResult>, { passed: number; failed: number }]>([
    ["sums", { tests: [passed, passed, failed] }, { passed: 2, failed: 1 }],
    ["never counts a skipped test", { tests: [passed, skipped] }, { passed: 1, failed: 0 }],
    ["counts a crash", { tests: [passed], failure: "exit code 1" }, { passed: 1, failed: 1 }],
    [
      "does not count a failed test twice",
      { tests: [failed], failure: "x" },
      { passed: 0, failed: 1 },
    ],
    ["passes a stage without tests", { tests: undefined }, { passed: 0, failed: 0 }],
  ])("%s", (_name, change, totals) => {
    expect(countTotals([{ ...STAGE, ...change }])).toEqual(totals);
  });
});

describe("formatSummary()", () => {
  it("lists what was skipped and failed, and closes with the totals", () => {
    const text = formatSummary([
      { ...STAGE, name: "checks", tests: undefined, failure: "exit code 2" },
      { ...STAGE, tests: [passed, failed, skipped], isDetailed: true, failure: "exit code 1" },
    ]);
    expect(text.split("\n")).toEqual([
      "",
      "checks          1.0 s  FAILED",
      "unit tests      1.0 s  1 passed, 1 failed, 1 skipped  FAILED",
      "  a             1.0 s  passed",
      "  b             2.0 s  failed",
      "  c             0.0 s  skipped",
      "",
      "skipped: c",
      "failed: b",
      "failed: checks: exit code 2",
      "failed: unit tests: exit code 1",
      "1 passed, 2 failed",
      "",
    ]);
  });
});

describe("parseReport()", () => {
  it("counts a file that cannot be loaded as a failed test", () => {
    const file = {
      name: "/r/a.test.ts",
      status: "failed",
      message: "syntax",
      assertionResults: [],
    };
    expect(parseReport(JSON.stringify({ testResults: [file] }), "/r")).toEqual([
      { name: "a.test.ts", status: "failed", seconds: 0 },
    ]);
  });

  it("gives name, outcome and seconds of each test", () => {
    const assertionResults = [
      { fullName: "works", status: "passed", duration: 1500 },
      { fullName: "later", status: "todo" },
      { fullName: "off", status: "pending", duration: null },
    ];
    const file = { name: "/r/x/a.test.ts", status: "passed", assertionResults };
    expect(parseReport(JSON.stringify({ testResults: [file] }), "/r")).toEqual([
      { name: "x/a.test.ts: works", status: "passed", seconds: 1.5 },
      { name: "x/a.test.ts: later", status: "skipped", seconds: 0 },
      { name: "x/a.test.ts: off", status: "skipped", seconds: 0 },
    ]);
  });
});
