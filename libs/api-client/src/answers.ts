import type { CommitReport, Health, ServiceReport } from "@ballast/model";
import { listOf, oneOf, oneText, reasonOf, recordOf } from "./fields.ts";

/*
 * The schemas of @ballast/model say what these answers are; checking with them would load all of zod, which doubles the
 * time that the command line takes to start. What is checked here is what callers use; a test holds the two together.
 */

export function parseCommitReport(body: unknown): CommitReport {
  const { changed, services } = recordOf(body, "commit report");
  return {
    changed: listOf(changed, "changed").map((key) => oneText(key, "changed")),
    services: listOf(services, "services").map(parseServiceReport),
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
        status: oneOf(check["status"], ["ok", "waiting", "failed"], "status"),
        ...reasonOf(check["reason"]),
      };
    }),
  };
}

function parseServiceReport(value: unknown): ServiceReport {
  const report = recordOf(value, "service");
  return {
    name: oneText(report["name"], "name"),
    action: oneOf(report["action"], ["rendered", "restarted"], "action"),
    status: oneOf(report["status"], ["ok", "failed"], "status"),
    ...reasonOf(report["reason"]),
  };
}
