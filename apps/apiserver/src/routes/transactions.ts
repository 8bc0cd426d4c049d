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
import { applyKeys, changeSettings } from "../apply/change-settings.ts";
import { callerName } from "../http/handle-request.ts";
import { route, type Call, type Route } from "../http/route.ts";
import { checkMayWrite } from "../http/settings-access.ts";
import { splitKeyList } from "./key-list.ts";

const TransactionQuery = z.strictObject({ tx: TransactionName.default("default") });
type TransactionQuery = z.output<typeof TransactionQuery>;

const TRY_MAX_SECONDS = 3600;
const ChangeQuery = TransactionQuery.extend({
  "try-seconds": z
    .string()
    .refine((text) => /^[1-9]\d{0,3}$/.test(text) && Number(text) <= TRY_MAX_SECONDS, {
      error: `must be a number from 1 to ${TRY_MAX_SECONDS}`,
    })
    .optional(),
  "rollback-on-failure": z.enum(["true", "false"]).default("false"),
});

export function transactionRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/tx",
      role: "operator",
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
      role: "operator",
      query: z.strictObject({}),
      response: Names,
      handle: async () => ({ status: 200, json: app.store.transactions() }),
    }),
    route({
      method: "DELETE",
      path: "/tx",
      role: "operator",
      query: TransactionQuery,
      response: Names,
      handle: async ({ query, caller, audit }) => {
        checkMayWrite(app.store, caller, pendingKeys(app, query.tx), "drop the transaction");
        const keys = app.store.drop(query.tx).map(apiKey);
        Object.assign(audit, { tx: query.tx, keys: keys.join(",") });
        return { status: 200, json: keys };
      },
    }),
    route({
      method: "POST",
      path: "/tx/commit",
      role: "operator",
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
      role: "operator",
      query: z.strictObject({ keys: z.string().max(4096).optional() }),
      response: ApplyReport,
      handle: ({ query, caller, audit }) =>
        app.lock(async () => {
          const keys =
            query.keys === undefined ? undefined : splitKeyList(query.keys).map(knownKey);
          audit["keys"] = keys?.map(apiKey).join(",") ?? "all";
          checkMayWrite(app.store, caller, keys ?? [""], "apply settings");
          return { status: 200, json: { services: await applyKeys(app, keys, true) } };
        }),
    }),
    route({
      method: "POST",
      path: "/tx/commit_and_apply",
      role: "operator",
      query: ChangeQuery,
      response: CommitReport,
      handle: (call) =>
        app.lock(async () => {
          const { query, audit } = call;
          const seconds = query["try-seconds"];
          const report = await changeSettings(app, {
            ...admit(app, call),
            rollbackOnFailure: query["rollback-on-failure"] === "true",
            trySeconds: seconds === undefined ? undefined : Number(seconds),
          });
          audit["keys"] = report.changed.join(",");
          return { status: 200, json: report, headers: { etag: app.store.etag() } };
        }),
    }),
  ];
}

function commit(app: App, call: Call<TransactionQuery, unknown>): string[] {
  const { tx, who, ifMatch } = admit(app, call);
  const match = ifMatch === undefined ? {} : { ifMatch };
  const changed = app.store.commit(tx, { who, source: "api", ...match });
  call.audit["keys"] = changed.map(apiKey).join(",");
  return changed;
}

/** Who commits what on which condition, if the role allows it. */
function admit(
  app: App,
  { query: { tx }, headers, caller, audit }: Call<TransactionQuery, unknown>,
) {
  audit["tx"] = tx;
  checkMayWrite(app.store, caller, pendingKeys(app, tx), "commit the transaction");
  const ifMatch = headers["if-match"];
  return { tx, who: callerName(caller), ifMatch: ifMatch === "*" ? undefined : ifMatch };
}

function pendingKeys(app: App, tx: string): string[] {
  return app.store.pending(tx).map(({ key }) => key);
}

/** A group or an entry stands for its settings. */
function knownKey(key: string): string {
  const inner = innerKey(key);
  if (inner !== "" && isKnown(inner)) return inner;
  throw new ApiError("apiserver.bad-query", `There is no setting "${key}"`);
}
