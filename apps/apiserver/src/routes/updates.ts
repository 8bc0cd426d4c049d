import { Readable } from "node:stream";
import {
  UpdateBundle,
  UpdatePlan,
  UpdateRequest,
  UpdatesStatus,
  roleIncludes,
} from "@ballast/model";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { route, type Caller, type Route } from "../http/route.ts";

const NoQuery = z.strictObject({});
const Flag = z.enum(["true", "false"]).default("false");
const PlanQuery = z.strictObject({
  version: UpdateRequest.shape.version,
  "ignore-waves": Flag,
  force: Flag,
  bundle: Flag,
  "ignore-expiry": Flag,
});
const RefreshBody = UpdateRequest.pick({ ignore_waves: true }).optional();
const PrepareBody = UpdateRequest.optional();

export function updateRoutes(app: App): Route[] {
  const act = (name: "activate" | "deactivate"): Route =>
    route({
      method: "POST",
      path: `/actions/${name}-update`,
      role: "operator",
      query: NoQuery,
      response: UpdatesStatus,
      handle: async () => ({ status: 200, json: await told(app, app.updates[name]()) }),
    });
  return [
    route({
      method: "GET",
      path: "/updates/status",
      role: "reader",
      query: NoQuery,
      response: UpdatesStatus,
      handle: async () => ({ status: 200, json: await told(app, app.updates.status()) }),
    }),
    route({
      method: "GET",
      path: "/updates/plan",
      role: "reader",
      query: PlanQuery,
      response: UpdatePlan,
      handle: async ({ query, caller }) => {
        const request = requestOf(query);
        checkBundle(request, caller);
        return { status: 200, json: await app.updates.plan(request) };
      },
    }),
    route({
      method: "POST",
      path: "/actions/refresh-updates",
      role: "operator",
      query: NoQuery,
      body: RefreshBody,
      response: UpdatesStatus,
      handle: async ({ body }) => ({
        status: 200,
        json: await told(app, app.updates.refresh(body ?? {})),
      }),
    }),
    route({
      method: "POST",
      path: "/actions/prepare-update",
      role: "operator",
      query: NoQuery,
      body: PrepareBody,
      goesOn: true,
      response: UpdatesStatus,
      handle: async ({ body = {}, caller, audit }) => {
        checkBundle(body, caller);
        Object.assign(audit, Object.fromEntries(Object.entries(body).map(auditField)));
        return { status: 202, json: await told(app, app.updates.prepare(body)) };
      },
    }),
    act("activate"),
    act("deactivate"),
    route({
      method: "PUT",
      path: "/updates/bundle",
      role: "admin",
      query: NoQuery,
      takesBytes: true,
      response: UpdateBundle,
      handle: async ({ bytes = Readable.from([]), headers, audit }) => {
        const length = headers["content-length"];
        const bundle = await app.bundles.put(
          bytes,
          length === undefined ? undefined : Number(length),
        );
        Object.assign(audit, { sha256: bundle.sha256 });
        return { status: 200, json: bundle };
      },
    }),
  ];
}

/** Who holds off a restart is this server's to know, and may have changed since the update agent has asked. */
async function told({ inhibitors }: App, status: Promise<UpdatesStatus>): Promise<UpdatesStatus> {
  return { ...(await status), inhibitors: await inhibitors.list() };
}

function requestOf(query: z.output<typeof PlanQuery>): UpdateRequest {
  return {
    ...(query.version === undefined ? {} : { version: query.version }),
    ...(query["ignore-waves"] === "true" ? { ignore_waves: true } : {}),
    ...(query.force === "true" ? { force: true } : {}),
    ...(query.bundle === "true" ? { bundle: true } : {}),
    ...(query["ignore-expiry"] === "true" ? { ignore_expiry: true } : {}),
  };
}

/** Metadata that has expired may be old on purpose: only an admin, and only with what an admin has uploaded. */
function checkBundle({ bundle, ignore_expiry }: UpdateRequest, { role }: Caller): void {
  if (bundle !== true && ignore_expiry === true)
    throw new ApiError("apiserver.bad-body", "ignore_expiry is only for a bundle");
  if (bundle === true && !roleIncludes(role, "admin"))
    throw new ApiError(
      "apiserver.forbidden",
      `An update from a bundle needs role admin, the client has role ${role}`,
    );
}

function auditField([name, value]: [string, unknown]): [string, string] {
  return [name, String(value)];
}
