import { safeText } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { CommitReport, ServiceReport } from "@ballast/model";
import { inSeconds } from "../text-layout.ts";

/** What became of a commit, for people. */
export function formatReport(report: CommitReport): string {
  const { changed, services, try: trial, rollback = [] } = report;
  const lines = [
    changed.length === 0 ? "Nothing changed" : `Changed ${changed.join(", ")}`,
    ...services.map(serviceLine),
    ...(report.rolled_back === true
      ? ["Taken back: the former settings hold again", ...rollback.map(serviceLine)]
      : []),
    ...(trial === undefined
      ? []
      : [
          `Taken back at ${inSeconds(trial.deadline)} unless you run: apiclient confirm ${trial.token}`,
        ]),
  ];
  return lines.map((line) => `${safeText(line)}\n`).join("");
}

export function exitCodeOf({ services, rolled_back: rolledBack }: CommitReport): number {
  const isFailed = services.some(({ status }) => status === "failed");
  return isFailed || rolledBack === true ? EXIT.failed : EXIT.ok;
}

function serviceLine({ name, action, status, reason }: ServiceReport): string {
  if (status === "failed") return `${name}: failed: ${reason ?? "no reason given"}`;
  return reason === undefined ? `${name}: ${action}` : `${name}: ${action}: ${reason}`;
}
