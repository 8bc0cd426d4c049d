import type { HistoryEntry } from "@ballast/datastore";
import {
  apiKey,
  History,
  RestoreReport,
  TransactionName,
  type HistoryChange,
  type HistoryCommit,
} from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { checkMayWrite } from "../http/settings-access.ts";

const RestoreQuery = z.strictObject({
  id: z.string().regex(/^\d{1,15}$/, { error: "must be the number of a commit" }),
  tx: TransactionName.default("default"),
});

export function historyRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/history",
      role: "reader",
      query: z.strictObject({}),
      response: History,
      handle: async () => ({
        status: 200,
        json: app.store.history().map(historyCommit),
        headers: { etag: app.store.etag() },
      }),
    }),
    route({
      method: "POST",
      path: "/history/restore",
      role: "operator",
      query: RestoreQuery,
      response: RestoreReport,
      // Only stages: what it would do can be looked at with GET /tx/plan, and a commit with If-Match guards it.
      handle: async ({ query: { id, tx }, caller, audit }) => {
        audit["tx"] = tx;
        const allowed = (keys: readonly string[]): void => {
          audit["keys"] = keys.map(apiKey).join(",");
          checkMayWrite(app.store, caller, keys, "restore settings");
        };
        const { changes, skipped } = app.store.restore(Number(id), tx, allowed);
        const report: RestoreReport = {
          tx,
          staged: changes.map(({ key }) => apiKey(key)),
          skipped: skipped.map(({ key, reason }) => ({ key: apiKey(key), reason })),
        };
        return { status: 200, json: report, headers: { etag: app.store.etag() } };
      },
    }),
  ];
}

function historyCommit({ changes, ...facts }: HistoryEntry): HistoryCommit {
  return { ...facts, changes: changes.map(historyChange) };
}

function historyChange(change: HistoryEntry["changes"][number]): HistoryChange {
  const facts = { key: apiKey(change.key), action: change.action, secret: change.secret === true };
  if (facts.secret) return facts;
  const old = "old" in change ? { old: change.old } : {};
  // Of a change of form only the key is kept.
  if (change.action === "set" && change.value === undefined) return { ...facts, ...old };
  return { ...facts, ...old, new: change.value ?? null };
}
