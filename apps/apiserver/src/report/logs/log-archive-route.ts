import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import * as z from "zod";
import { ApiError } from "../../api-error.ts";
import type { App } from "../../app.ts";
import { route, type Route } from "../../http/route.ts";
import { logParts } from "./log-parts.ts";
import { secretTexts } from "./secret-texts.ts";
import { ARCHIVE_LIMITS, writeArchive } from "./write-archive.ts";

/** A client that reads too slowly for the whole is cut off in the end. */
const LONGEST_MS = 2 * ARCHIVE_LIMITS.totalMs;

/** `GET /report/logs`. One at a time: it reads the whole journal. `routes` are all of the server. */
export function logArchiveRoute(app: App, routes: () => readonly Route[]): Route {
  let isOpen = false;
  return route({
    method: "GET",
    path: "/report/logs",
    role: "admin",
    streams: true,
    answerType: "application/gzip",
    query: z.strictObject({}),
    handle: async ({ caller, signal }) => {
      if (isOpen)
        throw new ApiError("apiserver.too-many-streams", "Logs are being collected already", {
          hint: "Try again in a minute.",
        });
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
      const bytes = writeArchive({
        parts: logParts({ ...app, routes: routes(), caller }),
        secrets: secretTexts(app.store.effective()),
        signal: bounded,
        nowMs: Date.now,
      });
      const gzip = createGzip();
      isOpen = true;
      pipeline(Readable.from(bytes, { objectMode: false }), gzip, () => {
        isOpen = false;
      });
      bounded.addEventListener("abort", () => gzip.destroy());
      return {
        status: 200,
        stream: gzip,
        headers: { "content-disposition": 'attachment; filename="ballast-logs.tar.gz"' },
      };
    },
  });
}
