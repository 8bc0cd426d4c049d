import { ResetReport, ResetRequest } from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { changePower } from "./power.ts";

export function resetRoutes(app: App): Route[] {
  return [
    route({
      method: "POST",
      path: "/actions/reset",
      role: "admin",
      query: z.strictObject({}),
      body: ResetRequest,
      response: ResetReport,
      // No commit is made between the request and the restart, that the restart would then lose.
      handle: ({ body: { data }, audit }) =>
        app.lock(async () => {
          Object.assign(audit, { data: String(data) });
          await app.state.requestReset(data);
          await restart(app);
          app.log.notice("Machine restarts and is reset", { data });
          return { status: 200, json: { data, rebooting: true } satisfies ResetReport };
        }),
    }),
  ];
}

/** A reset that was answered with a failure must not come with some later restart. */
async function restart(app: App): Promise<void> {
  try {
    await changePower(app.exec, "reboot");
  } catch (error) {
    await app.state.cancelReset();
    throw error;
  }
}
