import { CisReport, ReportList } from "@ballast/model";
import { expect, it } from "vitest";
import { parseCisReport, parseReportList } from "./report-calls.ts";

const check = {
  id: "1.4.2",
  title: "t",
  level: 1,
  mode: "automatic",
  status: "FAIL",
  evidence: "It is 1.",
} as const;
const report: CisReport = {
  benchmark: "b",
  level: 2,
  status: "FAIL",
  counts: { PASS: 0, FAIL: 1, SKIP: 0, ERROR: 0 },
  checks: [check],
};

it("a report is read as the model has it", () => {
  expect(parseCisReport(CisReport.parse(report))).toEqual(report);
  const list = [{ name: "cis", path: "/report/cis", about: "a" }];
  expect(parseReportList(ReportList.parse(list))).toEqual(list);
});

it.each([
  null,
  { ...report, level: 3 },
  { ...report, status: "SKIP" },
  { ...report, counts: {} },
  { ...report, checks: [{ ...check, status: "MAYBE" }] },
])("%j is no report", (body) => {
  expect(() => parseCisReport(body)).toThrow(/Cannot read the answer/);
});
