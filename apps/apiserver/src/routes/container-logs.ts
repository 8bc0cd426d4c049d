import { join } from "node:path";
import { Readable } from "node:stream";
import { nestSettings } from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { CONTAINER_REFERENCE, containersOf, findContainer } from "../containers/find-container.ts";
import { journalEntries, journalIdentifier } from "../containers/logs/journal-entries.ts";
import { readLog } from "../containers/logs/read-log.ts";
import { route, type Route } from "../http/route.ts";
import { PATHS } from "../paths.ts";
import { streamJournal } from "./journal-stream.ts";
import { Follow, Lines } from "./logs.ts";
import type { StreamBound } from "./stream-bound.ts";

const UNITS_MS: Readonly<Record<string, number>> = { s: 1e3, m: 60e3, h: 3600e3, d: 86_400e3 };
const AGE = /^(\d{1,6})([smhd])$/;

const ContainerLogQuery = z.strictObject({
  name: z.string().regex(CONTAINER_REFERENCE, {
    error: "must be NAME, workload/NAME, host/NAME or bootstrap/NAME",
  }),
  follow: Follow,
  /** 100 unless told; with `since` all. */
  lines: Lines.optional(),
  since: z
    .string()
    .regex(
      /^(\d{1,6}[smhd]|\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d))$/,
      "must be an age as 10m (s, m, h, d), or a time as 2026-01-31T12:00:00Z",
    )
    .refine((text) => AGE.test(text) || Number.isFinite(Date.parse(text)), "must be a time")
    .optional(),
});

/** What containers print. As the journal, for operators: both may hold what is not for every reader. */
export function containerLogRoutes(app: App, bound: StreamBound): Route[] {
  return [
    route({
      method: "GET",
      path: "/containers/logs",
      role: "operator",
      streams: true,
      query: ContainerLogQuery,
      handle: async ({ query, signal }) => {
        const { kind, name } = findContainer(known(app), query.name);
        const request: Request = {
          lines: query.lines ?? (query.since === undefined ? "100" : "999999"),
          sinceMs: query.since === undefined ? undefined : sinceMs(query.since, Date.now()),
          isFollowed: query.follow === "true",
        };
        const release = bound.take();
        try {
          const lines =
            kind === "workload"
              ? workloadLines(app, name, request, signal)
              : journalEntries(
                  await streamJournal(
                    app,
                    journalArguments(journalIdentifier(kind, name), request),
                    signal,
                    () => undefined,
                  ),
                );
          // A text waits until the one before it is taken: what is read is bounded.
          const stream = Readable.from(lines, { highWaterMark: 1 });
          stream.once("close", release);
          return { status: 200, stream };
        } catch (error) {
          release();
          throw error;
        }
      },
    }),
  ];
}

interface Request {
  readonly lines: string;
  readonly sinceMs: number | undefined;
  readonly isFollowed: boolean;
}

function known(app: App) {
  return containersOf(nestSettings(app.store.effective()));
}

function workloadLines(app: App, name: string, request: Request, signal: AbortSignal) {
  const { lines, sinceMs: from, isFollowed } = request;
  const folder = join(PATHS.containerLogs, name);
  const span = { lines: Number(lines), sinceMs: from };
  // Its log goes with a container that is taken from the settings.
  const stillThere = async (): Promise<boolean> =>
    (await app.fs.exists(folder)) ||
    known(app).some((one) => one.kind === "workload" && one.name === name);
  return readLog(app.place(folder), span, signal, isFollowed ? stillThere : undefined);
}

function journalArguments(identifier: string, { lines, sinceMs: from, isFollowed }: Request) {
  return [
    "--output=json",
    "--output-fields=MESSAGE,PRIORITY",
    "--all",
    "--no-pager",
    `--lines=${lines}`,
    ...(from === undefined ? [] : [`--since=@${(from / 1000).toFixed(3)}`]),
    ...(isFollowed ? ["--follow"] : []),
    `SYSLOG_IDENTIFIER=${identifier}`,
  ];
}

/** A time as it is, or so long ago. */
function sinceMs(text: string, nowMs: number): number {
  const [, count, unit = ""] = AGE.exec(text) ?? [];
  return count === undefined ? Date.parse(text) : nowMs - Number(count) * (UNITS_MS[unit] ?? 0);
}
