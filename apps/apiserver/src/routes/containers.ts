import { ContainerList, nestSettings } from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { listContainers } from "../containers/list-containers.ts";
import { withFigures } from "../containers/with-figures.ts";
import { route, type Route } from "../http/route.ts";

export function containerRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/containers",
      role: "reader",
      query: z.strictObject({}),
      response: ContainerList,
      handle: async () => {
        const settings = nestSettings(app.store.effective());
        return {
          status: 200,
          json: await withFigures(app.fs, await listContainers(app.fs, settings)),
        };
      },
    }),
  ];
}
