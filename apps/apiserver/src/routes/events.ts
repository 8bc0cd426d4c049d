import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";

export function eventRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/events",
      role: "reader",
      streams: true,
      answerType: "text/event-stream",
      query: z.strictObject({}),
      handle: async ({ signal }) => {
        const health = await app.health();
        // `Last-Event-ID` is not looked at: the ETag of the first event tells a client whether it has missed a commit.
        const stream = app.events.listen({ etag: app.store.etag(), health }, signal);
        return { status: 200, stream };
      },
    }),
  ];
}
