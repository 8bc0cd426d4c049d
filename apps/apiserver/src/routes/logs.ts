import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { streamJournal } from "./journal-stream.ts";
import type { StreamBound } from "./stream-bound.ts";

export const Follow = z.enum(["true", "false"]).optional();
export const Lines = z.string().regex(/^\d{1,6}$/, { error: "must be a number" });

const LogQuery = z.strictObject({
  follow: Follow,
  unit: z
    .string()
    .regex(/^[A-Za-z0-9:_.@\\-]{1,255}$/, { error: "must be the name of a unit" })
    .optional(),
  lines: Lines.default("100"),
  boot: z
    .string()
    .regex(/^(-?\d{1,4}|[0-9a-f]{32})$/, { error: "must be an offset or a boot id" })
    .default("0"),
  priority: z
    .enum(["0", "1", "2", "3", "4", "5", "6", "7"])
    .or(z.enum(["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]))
    .optional(),
});

export function logRoutes(app: App, bound: StreamBound): Route[] {
  return [
    route({
      method: "GET",
      path: "/logs",
      role: "operator",
      streams: true,
      query: LogQuery,
      handle: async ({ query, signal }) => {
        const release = bound.take();
        try {
          const stream = await streamJournal(app, journalArguments(query), signal, release);
          return { status: 200, stream };
        } catch (error) {
          release();
          throw error;
        }
      },
    }),
  ];
}

function journalArguments(query: z.output<typeof LogQuery>): string[] {
  return [
    "--output=json",
    "--no-pager",
    `--lines=${query.lines}`,
    `--boot=${query.boot}`,
    ...(query.unit === undefined ? [] : [`--unit=${query.unit}`]),
    ...(query.priority === undefined ? [] : [`--priority=${query.priority}`]),
    ...(query.follow === "true" ? ["--follow"] : []),
  ];
}
