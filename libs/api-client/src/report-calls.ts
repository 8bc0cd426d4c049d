import type { CisReport, ReportList } from "@ballast/model";
import type { ApiClient, CallOptions } from "./client.ts";
import { listOf, oneNumber, oneOf, oneText, recordOf } from "./fields.ts";

type Options = Pick<CallOptions, "signal">;

const CIS_TIMEOUT_MS = 2 * 60_000;
/** The machine reads its whole journal meanwhile, and each part has a minute. */
const LOGS_IDLE_MS = 3 * 60_000;

const STATUSES = ["PASS", "FAIL", "SKIP", "ERROR"] as const;
const MODES = ["automatic", "manual"] as const;

export async function listReports(client: ApiClient, options: Options = {}): Promise<ReportList> {
  const { body } = await client.request({ method: "GET", path: "/report" }, options);
  return parseReportList(body);
}

export async function getCisReport(
  client: ApiClient,
  level: 1 | 2,
  options: Options = {},
): Promise<CisReport> {
  const query = { level: String(level) };
  const call = { method: "GET", path: "/report/cis", query } as const;
  const { body } = await client.request(call, { ...options, timeoutMs: CIS_TIMEOUT_MS });
  return parseCisReport(body);
}

/** An archive for a support request, a gzipped tar. */
export function streamLogArchive(
  client: ApiClient,
  options: Options = {},
): AsyncGenerator<Uint8Array> {
  const call = { method: "GET", path: "/report/logs" } as const;
  return client.bytes(call, { ...options, idleTimeoutMs: LOGS_IDLE_MS });
}

export function parseReportList(body: unknown): ReportList {
  return listOf(body, "reports").map((value) => {
    const report = recordOf(value, "report");
    return {
      name: oneText(report["name"], "name"),
      path: oneText(report["path"], "path"),
      about: oneText(report["about"], "about"),
    };
  });
}

export function parseCisReport(body: unknown): CisReport {
  const { benchmark, level, status, counts, checks } = recordOf(body, "report");
  const count = recordOf(counts, "counts");
  return {
    benchmark: oneText(benchmark, "benchmark"),
    level: levelOf(level),
    status: oneOf(status, ["PASS", "FAIL", "ERROR"], "status"),
    counts: {
      PASS: oneNumber(count["PASS"], "PASS"),
      FAIL: oneNumber(count["FAIL"], "FAIL"),
      SKIP: oneNumber(count["SKIP"], "SKIP"),
      ERROR: oneNumber(count["ERROR"], "ERROR"),
    },
    checks: listOf(checks, "checks").map((value) => {
      const check = recordOf(value, "check");
      return {
        id: oneText(check["id"], "id"),
        title: oneText(check["title"], "title"),
        level: levelOf(check["level"]),
        mode: oneOf(check["mode"], MODES, "mode"),
        status: oneOf(check["status"], STATUSES, "status"),
        evidence: oneText(check["evidence"], "evidence"),
      };
    }),
  };
}

function levelOf(value: unknown): 1 | 2 {
  return oneOf(String(value), ["1", "2"], "level") === "1" ? 1 : 2;
}
