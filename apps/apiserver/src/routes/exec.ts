import * as z from "zod";
import type { App } from "../app.ts";
import { connectExec } from "../containers/connect-exec.ts";
import { route, type Route } from "../http/route.ts";

export function execRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/exec",
      role: "admin",
      upgrade: "websocket",
      query: z.strictObject({}),
      handle: async ({ headers, caller, signal }) => {
        const { accept, ...other } = await connectExec(app.execSocket, headers, caller, signal);
        return {
          status: 101,
          headers: { connection: "Upgrade", upgrade: "websocket", "sec-websocket-accept": accept },
          tunnel: { ...other, signal },
        };
      },
    }),
  ];
}
