import { getCisReport, listReports, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import { cisText } from "@ballast/model/cis-text";
import type { CisReport, CisStatus } from "@ballast/model";
import type { ProgramContext } from "@ballast/service";
import { createPaint, type Style } from "../paint.ts";
import type { ReportCommand } from "../report-cli.ts";
import { collectLogs } from "./collect-logs.ts";

const STYLES: Readonly<Record<CisStatus, Style>> = {
  PASS: "good",
  FAIL: "bad",
  SKIP: "dim",
  ERROR: "warning",
};

export async function runReport(
  context: ProgramContext,
  client: ApiClient,
  command: ReportCommand,
): Promise<number> {
  const { stdout, signal } = context;
  switch (command.verb) {
    case "list": {
      const reports = await listReports(client, { signal });
      const lines = reports.map(({ name, about }) => `${safeText(`${name.padEnd(6)}${about}`)}\n`);
      await stdout(command.json ? `${JSON.stringify(reports)}\n` : lines.join(""));
      return EXIT.ok;
    }
    case "cis": {
      const report = await getCisReport(client, command.level, { signal });
      await stdout(command.json ? `${JSON.stringify(report)}\n` : formatCis(context, report));
      return report.status === "PASS" ? EXIT.ok : EXIT.failed;
    }
    case "logs":
      break;
  }
  return collectLogs(context, client, command);
}

function formatCis(context: ProgramContext, report: CisReport): string {
  const paint = createPaint(context);
  const checks = report.checks.map((check) => ({
    ...check,
    id: safeText(check.id),
    title: safeText(check.title),
    evidence: safeText(check.evidence),
  }));
  const shown = { ...report, benchmark: safeText(report.benchmark), checks };
  return cisText(shown, (status, text) => paint(STYLES[status], text));
}
