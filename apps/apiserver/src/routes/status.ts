import { Boot, Health, MigrationReport, Os, ShadowReport } from "@ballast/model";
import { errorFields } from "@ballast/service";
import * as z from "zod";
import type { App } from "../app.ts";
import { PATHS } from "../paths.ts";
import { route, type Route } from "../http/route.ts";

const NoQuery = z.strictObject({});

export function statusRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/health",
      role: "reader",
      query: NoQuery,
      response: Health,
      handle: async () => {
        const health = await app.health();
        return { status: health.status === "healthy" ? 200 : 503, json: health };
      },
    }),
    route({
      method: "GET",
      path: "/os",
      role: "reader",
      query: NoQuery,
      response: Os,
      handle: async () => ({ status: 200, json: app.os }),
    }),
    route({
      method: "GET",
      path: "/boot",
      role: "reader",
      query: NoQuery,
      response: Boot,
      handle: async () => ({ status: 200, json: await bootBody(app) }),
    }),
  ];
}

async function bootBody(app: App): Promise<Boot> {
  const { userDataSource, userDataError, generators, services } = app.boot.get();
  const provisioned = app.store.provisioned();
  return {
    slot: app.os.slot,
    state: await app.state.storage(),
    migration: await readReport(app, PATHS.migrationReport, MigrationReport),
    shadow: await readReport(app, PATHS.shadowReport, ShadowReport),
    provisioned: provisioned !== undefined,
    user_data_source: provisioned?.source ?? userDataSource,
    user_data_error: userDataError,
    parameters: await app.parameters.report(),
    generators,
    services,
  };
}

/** A report that cannot be read is left out: what is left can still be told. */
async function readReport<Report>(
  { fs, log }: App,
  path: string,
  schema: z.ZodType<Report>,
): Promise<Report | null> {
  try {
    const text = await fs.readText(path);
    return text === undefined ? null : schema.parse(JSON.parse(text));
  } catch (error) {
    log.warn("Report of migrator cannot be read", { path, ...errorFields(error) });
    return null;
  }
}
