import { InhibitorList, InhibitorName, InhibitorRequest } from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";

const ByName = z.strictObject({ name: InhibitorName });

/** Who asks that the machine does not restart by itself. What an operator asks for goes through all the same. */
export function inhibitorRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/updates/inhibitors",
      role: "reader",
      query: z.strictObject({}),
      response: InhibitorList,
      handle: async () => ({ status: 200, json: await app.inhibitors.list() }),
    }),
    route({
      method: "PUT",
      path: "/updates/inhibitors",
      role: "operator",
      query: ByName,
      body: InhibitorRequest,
      handle: async ({ query, body, audit }) => {
        audit["inhibitor"] = query.name;
        await app.inhibitors.put(query.name, body);
        return { status: 204 };
      },
    }),
    route({
      method: "DELETE",
      path: "/updates/inhibitors",
      role: "operator",
      query: ByName,
      handle: async ({ query, audit }) => {
        audit["inhibitor"] = query.name;
        await app.inhibitors.release(query.name);
        return { status: 204 };
      },
    }),
  ];
}
