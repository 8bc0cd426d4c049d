import {
  apiKey,
  ApplyReport,
  CommitReport,
  innerKey,
  isKnown,
  Names,
  PartialSettingsSchema,
  TransactionName,
  unflatten,
  withoutSecrets,
} from "@ballast/model";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { callerName } from "../http/handle-request.ts";
import { route, type Call, type Route } from "../http/route.ts";

const TransactionQuery = z.strictObject({ tx: TransactionName.default("default") });
type TransactionQuery = z.output<typeof TransactionQuery>;

export function transactionRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/tx",
      role: "admin",
      query: TransactionQuery,
      response: PartialSettingsSchema,
      handle: async ({ query }) => {
        const pending = new Map(app.store.pending(query.tx).map(({ key, value }) => [key, value]));
        return { status: 200, json: unflatten(withoutSecrets(pending)) };
      },
    }),
    route({
      method: "GET",
      path: "/tx/list",
      role: "admin",
      query: z.strictObject({}),
      response: Names,
      handle: async () => ({ status: 200, json: app.store.transactions() }),
    }),
    route({
      method: "DELETE",
      path: "/tx",
      role: "admin",
      query: TransactionQuery,
      response: Names,
      handle: async ({ query, audit }) => {
        const keys = app.store.drop(query.tx).map(apiKey);
        Object.assign(audit, { tx: query.tx, keys: keys.join(",") });
        return { status: 200, json: keys };
      },
    }),
    route({
      method: "POST",
      path: "/tx/commit",
      role: "admin",
      query: TransactionQuery,
      response: Names,
      handle: (call) =>
        app.lock(async () => ({
          status: 200,
          json: commit(app, call).map(apiKey),
          headers: { etag: app.store.etag() },
        })),
    }),
    route({
      method: "POST",
      path: "/tx/apply",
      role: "admin",
      query: z.strictObject({ keys: z.string().max(4096).optional() }),
      response: ApplyReport,
      handle: ({ query, audit }) =>
        app.lock(async () => {
          const keys = query.keys?.split(",").map((key) => knownKey(key.trim()));
          audit["keys"] = keys?.map(apiKey).join(",") ?? "all";
          return { status: 200, json: { services: await apply(app, keys, true) } };
        }),
    }),
    route({
      method: "POST",
      path: "/tx/commit_and_apply",
      role: "admin",
      query: TransactionQuery,
      response: CommitReport,
      handle: (call) =>
        app.lock(async () => {
          const changed = commit(app, call);
          const headers = { etag: app.store.etag() };
          const services = await apply(app, changed, false);
          return { status: 200, json: { changed: changed.map(apiKey), services }, headers };
        }),
    }),
  ];
}

function commit(
  app: App,
  { query, headers, caller, audit }: Call<TransactionQuery, unknown>,
): string[] {
  const ifMatch = headers["if-match"];
  audit["tx"] = query.tx;
  const changed = app.store.commit(query.tx, {
    who: callerName(caller),
    source: "api",
    ...(ifMatch === undefined || ifMatch === "*" ? {} : { ifMatch }),
  });
  audit["keys"] = changed.map(apiKey).join(",");
  return changed;
}

async function apply(app: App, keys: readonly string[] | undefined, force: boolean) {
  const services = await app.applier.apply(keys, { force });
  await app.boot.report(services);
  app.statusChanged();
  return services;
}

/** A group or an entry stands for its settings. */
function knownKey(key: string): string {
  const inner = innerKey(key);
  if (inner !== "" && isKnown(inner)) return inner;
  throw new ApiError("apiserver.bad-query", `There is no setting "${key}"`);
}
