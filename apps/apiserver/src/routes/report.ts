import { CisReport, nestSettings, ReportList } from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { cached } from "../health/cached.ts";
import { route, type Route } from "../http/route.ts";
import { cisText } from "@ballast/model/cis-text";
import { createMachineLook } from "../report/cis/machine-look.ts";
import { runChecks, type CisLevel } from "../report/cis/run-checks.ts";
import { logArchiveRoute } from "../report/logs/log-archive-route.ts";

/** Each report starts programs; however many ask, one looks. */
const CIS_AGE_MS = 5000;

const REPORTS: ReportList = [
  {
    name: "cis",
    path: "/report/cis",
    about: "Checks of a benchmark for hardened systems, with what was seen for each.",
  },
  {
    name: "logs",
    path: "/report/logs",
    about: "An archive for a support request: journal, state, settings without secrets.",
  },
];

const CisQuery = z.strictObject({
  level: z.enum(["1", "2"]).default("1"),
  format: z.enum(["json", "text"]).default("json"),
});

/** `routes` are all of the server: the archive holds answers of theirs. */
export function reportRoutes(app: App, routes: () => readonly Route[]): Route[] {
  const run = (level: CisLevel): Promise<CisReport> =>
    runChecks(
      createMachineLook({ ...app, settings: () => nestSettings(app.store.effective()) }),
      level,
    );
  const nowMs = (): number => performance.now();
  const byLevel = {
    1: cached(CIS_AGE_MS, nowMs, () => run(1)),
    2: cached(CIS_AGE_MS, nowMs, () => run(2)),
  };
  return [
    route({
      method: "GET",
      path: "/report",
      role: "reader",
      query: z.strictObject({}),
      response: ReportList,
      handle: async () => ({ status: 200, json: REPORTS }),
    }),
    route({
      method: "GET",
      path: "/report/cis",
      role: "reader",
      query: CisQuery,
      response: CisReport,
      handle: async ({ query: { level, format } }) => {
        // A commit may have changed what was seen before.
        const report = await byLevel[level === "1" ? 1 : 2](app.store.etag());
        if (format === "json") return { status: 200, json: report };
        const headers = { "content-type": "text/plain; charset=utf-8" };
        return { status: 200, text: cisText(report), headers };
      },
    }),
    logArchiveRoute(app, routes),
  ];
}
