import type { Readable } from "node:stream";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { PATHS } from "../paths.ts";

const MAX_STREAMS = 8;
/** A followed journal may stay silent: after this time the answer's head is sent all the same. */
const SILENCE_MS = 500;

const LogQuery = z.strictObject({
  follow: z.enum(["true", "false"]).optional(),
  unit: z
    .string()
    .regex(/^[A-Za-z0-9:_.@\\-]{1,255}$/, { error: "must be the name of a unit" })
    .optional(),
  lines: z
    .string()
    .regex(/^\d{1,6}$/, { error: "must be a number" })
    .default("100"),
  boot: z
    .string()
    .regex(/^(-?\d{1,4}|[0-9a-f]{32})$/, { error: "must be an offset or a boot id" })
    .default("0"),
  priority: z
    .enum(["0", "1", "2", "3", "4", "5", "6", "7"])
    .or(z.enum(["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"]))
    .optional(),
});

export function logRoutes(app: App): Route[] {
  let open = 0;
  return [
    route({
      method: "GET",
      path: "/logs",
      role: "operator",
      streams: true,
      query: LogQuery,
      handle: async ({ query, signal }) => {
        if (open >= MAX_STREAMS)
          throw new ApiError("apiserver.too-many-streams", `At most ${MAX_STREAMS} logs at a time`);
        const request = { file: PATHS.journalctl, args: journalArguments(query) };
        const { stdout, ended } = app.exec.stream(request, signal);
        open += 1;
        void ended.finally(() => {
          open -= 1;
        });
        const end = await Promise.race([firstBytes(stdout, query.follow === "true"), ended]);
        const hasFailed = end !== undefined && end.exitCode !== 0 && stdout.readableLength === 0;
        if (hasFailed && !signal.aborted)
          throw new ApiError(
            "apiserver.command-failed",
            `Cannot read the journal: journalctl says "${end.stderr.trim()}"`,
          );
        return { status: 200, stream: stdout };
      },
    }),
  ];
}

/** Before the first bytes a failure can still be told by the answer's status. */
function firstBytes(stdout: Readable, isFollowed: boolean): Promise<undefined> {
  return new Promise((resolve) => {
    const done = (): void => {
      // A listener for "readable" would keep the stream from flowing.
      stdout.off("readable", look);
      resolve(undefined);
    };
    const look = (): void => {
      if (stdout.readableLength > 0) done();
    };
    stdout.on("readable", look);
    if (isFollowed) setTimeout(done, SILENCE_MS).unref();
  });
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
