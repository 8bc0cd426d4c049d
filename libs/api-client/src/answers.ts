import type { CommitReport, Health, ServiceReport, Try } from "@ballast/model";
import { listOf, oneOf, oneText, reasonOf, recordOf, textsOf, yesOrNo } from "./fields.ts";

/*
 * The schemas of @ballast/model say what these answers are; checking with them would load all of zod, which doubles the
 * time that the command line takes to start. What is checked here is what callers use; a test holds the two together.
 */

export function parseCommitReport(body: unknown): CommitReport {
  const report = recordOf(body, "commit report");
  const { try: trial, rolled_back: rolledBack, rollback } = report;
  return {
    changed: textsOf(report["changed"], "changed"),
    services: parseServices(report["services"]),
    ...(trial === undefined ? {} : { try: parseTry(trial) }),
    ...(rolledBack === undefined ? {} : { rolled_back: yesOrNo(rolledBack, "rolled_back") }),
    ...(rollback === undefined ? {} : { rollback: parseServices(rollback) }),
  };
}

export function parseHealth(body: unknown): Health {
  const { status, checks } = recordOf(body, "health");
  return {
    status: oneOf(status, ["starting", "healthy", "degraded"], "status"),
    checks: listOf(checks, "checks").map((value) => {
      const check = recordOf(value, "check");
      return {
        name: oneText(check["name"], "name"),
        status: oneOf(check["status"], ["ok", "warning", "waiting", "failed"], "status"),
        ...reasonOf(check["reason"]),
      };
    }),
  };
}

function parseServices(value: unknown): ServiceReport[] {
  return listOf(value, "services").map(parseServiceReport);
}

function parseTry(value: unknown): Try {
  const { token, deadline } = recordOf(value, "try");
  return { token: oneText(token, "token"), deadline: oneText(deadline, "deadline") };
}

function parseServiceReport(value: unknown): ServiceReport {
  const report = recordOf(value, "service");
  return {
    name: oneText(report["name"], "name"),
    action: oneOf(report["action"], ["rendered", "restarted", "stored"], "action"),
    status: oneOf(report["status"], ["ok", "failed"], "status"),
    ...reasonOf(report["reason"]),
  };
}
