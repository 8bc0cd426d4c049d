import type { CommitReport, Health, ServiceReport } from "@ballast/model";
import { ApiClientError } from "./errors.ts";
import { asRecord } from "./json.ts";

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

function reasonOf(value: unknown): { reason?: string } {
  return value === undefined ? {} : { reason: oneText(value, "reason") };
}

function recordOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  return asRecord(value) ?? fail(what, "an object");
}

function listOf(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(what, "a list");
}

function oneText(value: unknown, what: string): string {
  return typeof value === "string" ? value : fail(what, "a text");
}

function oneOf<Value extends string>(value: unknown, all: readonly Value[], what: string): Value {
  return all.find((known) => known === value) ?? fail(what, `one of ${all.join(", ")}`);
}

function fail(what: string, expected: string): never {
  throw new ApiClientError(
    "api-client.bad-answer",
    `Cannot read the answer: ${what} must be ${expected}`,
    { hint: "Are the client and the machine of versions that fit each other?" },
  );
}
