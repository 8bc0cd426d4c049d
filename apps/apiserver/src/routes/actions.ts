import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { changePower } from "./power.ts";

const NoQuery = z.strictObject({});

export function actionRoutes(app: App): Route[] {
  return [
    powerRoute(app, "/actions/reboot", "reboot"),
    powerRoute(app, "/actions/shutdown", "poweroff"),
  ];
}

function powerRoute(app: App, path: string, verb: "reboot" | "poweroff"): Route {
  return route({
    method: "POST",
    path,
    role: "operator",
    query: NoQuery,
    handle: async ({ audit }) => {
      // An operator who restarts the machine is not held off; the log says who was passed over.
      const all = await app.inhibitors.list().catch(() => []);
      const objecting = all.map(({ who }) => who).join(",");
      if (objecting !== "") audit["objecting"] = objecting;
      // The other version may be the next to run.
      await app.shadow.settle();
      await changePower(app.exec, verb);
      return { status: 204 };
    },
  });
}
