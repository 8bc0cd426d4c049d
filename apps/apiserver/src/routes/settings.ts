import {
  apiKey,
  innerKey,
  isBelow,
  isKnown,
  KeypairRequest,
  parseKeypairs,
  parsePatch,
  PartialSettingsSchema,
  TransactionName,
  unflatten,
  withoutSecrets,
  type Change,
} from "@ballast/model";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { route, type Call, type Route } from "../http/route.ts";
import { goodChanges } from "./bad-settings.ts";

const SettingsQuery = z.strictObject({
  keys: z.string().max(4096).optional(),
  prefix: z.string().max(256).optional(),
});

const TransactionQuery = z.strictObject({ tx: TransactionName.default("default") });

export function settingsRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/settings",
      role: "reader",
      query: SettingsQuery,
      response: PartialSettingsSchema,
      handle: async ({ query, headers }) => {
        const etag = app.store.etag();
        if (headers["if-none-match"] === etag) return { status: 304, headers: { etag } };
        return { status: 200, headers: { etag }, json: readSettings(app, query) };
      },
    }),
    route({
      method: "PATCH",
      path: "/settings",
      role: "admin",
      query: TransactionQuery,
      body: z.unknown(),
      handle: async ({ query, body, audit }) =>
        stage(app, query.tx, goodChanges(parsePatch(body), "Cannot set settings"), audit),
    }),
    route({
      method: "PATCH",
      path: "/settings/keypair",
      role: "admin",
      query: TransactionQuery,
      body: KeypairRequest,
      handle: async ({ query, body, audit }) => {
        const patch = parseKeypairs(body.request_payload);
        return stage(app, query.tx, goodChanges(patch, "Cannot set settings"), audit);
      },
    }),
  ];
}

/** Keys win over a prefix, as with the peer. A key that no setting lies at or below is a mistake of the client. */
function readSettings(app: App, query: z.output<typeof SettingsQuery>): unknown {
  const wanted = query.keys?.split(",") ?? [query.prefix ?? ""];
  const prefixes = wanted.map((key) => innerKey(key.trim()));
  for (const [index, prefix] of prefixes.entries()) {
    if (!isKnown(prefix) || (prefix === "" && query.keys !== undefined))
      throw new ApiError("apiserver.bad-query", `There is no setting "${wanted[index] ?? ""}"`);
  }
  const chosen = [...withoutSecrets(app.store.effective())].filter(([key]) =>
    prefixes.some((prefix) => isBelow(key, prefix)),
  );
  return unflatten(new Map(chosen));
}

async function stage(
  app: App,
  tx: string,
  changes: readonly Change[],
  audit: Call<unknown, unknown>["audit"],
): Promise<{ status: number }> {
  app.store.stage(tx, changes);
  audit["tx"] = tx;
  audit["keys"] = changes.map(({ key }) => apiKey(key)).join(",");
  return { status: 204 };
}
