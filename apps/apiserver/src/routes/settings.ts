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
import { RenderedTexts } from "../http/rendered-texts.ts";
import { route, type Call, type Caller, type Route } from "../http/route.ts";
import { checkMayWrite } from "../http/settings-access.ts";
import { goodChanges } from "./bad-settings.ts";
import { didYouMean } from "./did-you-mean.ts";
import { splitKeyList } from "./key-list.ts";

const SettingsQuery = z.strictObject({
  keys: z.string().max(4096).optional(),
  prefix: z.string().max(256).optional(),
});

const UnsetQuery = z.strictObject({
  keys: z.string().min(1).max(4096),
  tx: TransactionName.default("default"),
});

const TransactionQuery = z.strictObject({ tx: TransactionName.default("default") });

export function settingsRoutes(app: App): Route[] {
  // Clients and consoles read far more often than somebody commits.
  const texts = new RenderedTexts();
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
        const question = JSON.stringify([query.keys, query.prefix]);
        const text = texts.get(etag, question, () => JSON.stringify(readSettings(app, query)));
        return { status: 200, headers: { etag }, text };
      },
    }),
    route({
      method: "DELETE",
      path: "/settings",
      role: "operator",
      query: UnsetQuery,
      handle: async ({ query, caller, audit }) => {
        const keys = splitKeyList(query.keys).map(innerKey);
        const patches = keys.map((key) => parsePatch(unflatten(new Map([[key, null]]))));
        const changes = patches.flatMap((patch) => goodChanges(patch, "Cannot unset settings"));
        return stage(app, caller, query.tx, changes, audit);
      },
    }),
    route({
      method: "PATCH",
      path: "/settings",
      role: "operator",
      query: TransactionQuery,
      body: z.unknown(),
      documentedBody: PartialSettingsSchema,
      handle: async ({ query, body, caller, audit }) =>
        stage(app, caller, query.tx, goodChanges(parsePatch(body), "Cannot set settings"), audit),
    }),
    route({
      method: "PATCH",
      path: "/settings/keypair",
      role: "operator",
      query: TransactionQuery,
      body: KeypairRequest,
      handle: async ({ query, body, caller, audit }) => {
        const patch = parseKeypairs(body.request_payload);
        return stage(app, caller, query.tx, goodChanges(patch, "Cannot set settings"), audit);
      },
    }),
  ];
}

/** Keys win over a prefix, as with the peer. A key that no setting lies at or below is a mistake of the client. */
function readSettings(app: App, query: z.output<typeof SettingsQuery>): unknown {
  const wanted = query.keys === undefined ? [query.prefix ?? ""] : splitKeyList(query.keys);
  const prefixes = wanted.map((key) => innerKey(key));
  for (const [index, prefix] of prefixes.entries()) {
    if (!isKnown(prefix) || (prefix === "" && query.keys !== undefined))
      throw new ApiError(
        "apiserver.bad-query",
        `There is no setting "${wanted[index] ?? ""}"`,
        didYouMean(prefix),
      );
  }
  const chosen = [...withoutSecrets(app.store.effective())].filter(([key]) =>
    prefixes.some((prefix) => isBelow(key, prefix)),
  );
  return unflatten(new Map(chosen));
}

async function stage(
  app: App,
  caller: Caller,
  tx: string,
  changes: readonly Change[],
  audit: Call<unknown, unknown>["audit"],
): Promise<{ status: number }> {
  audit["tx"] = tx;
  audit["keys"] = changes.map(({ key }) => apiKey(key)).join(",");
  const keys = changes.map(({ key }) => key);
  checkMayWrite(app.store, caller, keys, "set settings");
  app.store.stage(tx, changes);
  return { status: 204 };
}
