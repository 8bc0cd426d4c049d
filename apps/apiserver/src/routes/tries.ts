import { apiKey, CommitReport, innerKey, TryState } from "@ballast/model";
import * as z from "zod";
import type { App } from "../app.ts";
import { callerName } from "../http/handle-request.ts";
import { route, type Caller, type Route } from "../http/route.ts";
import { checkMayWrite } from "../http/settings-access.ts";

const TokenQuery = z.strictObject({ token: z.string().min(1).max(64) });

/** A commit on trial: look, keep, take back. Whoever may write its settings may do so. */
export function tryRoutes(app: App): Route[] {
  const check = (caller: Caller, audit: Record<string, string>, act: string): void => {
    const keys = app.tries.state().waiting?.keys ?? [];
    audit["keys"] = keys.join(",");
    checkMayWrite(app.store, caller, keys.map(innerKey), act);
  };
  return [
    route({
      method: "GET",
      path: "/tx/try",
      role: "operator",
      query: z.strictObject({}),
      response: TryState,
      handle: async () => ({ status: 200, json: app.tries.state() }),
    }),
    route({
      method: "POST",
      path: "/tx/confirm",
      role: "operator",
      query: TokenQuery,
      handle: ({ query, caller, audit }) =>
        // In turn with the end of its time: it is kept or taken back, never half.
        app.lock(async () => {
          check(caller, audit, "confirm the commit");
          app.tries.confirm(query.token);
          return { status: 204 };
        }),
    }),
    route({
      method: "POST",
      path: "/tx/revert",
      role: "operator",
      query: TokenQuery,
      response: CommitReport,
      handle: ({ query, caller, audit }) =>
        app.lock(async () => {
          check(caller, audit, "take the commit back");
          const { changed, services } = await app.tries.takeBack(
            query.token,
            callerName(caller),
            "Taken back on demand",
          );
          const json = { changed: changed.map(apiKey), services };
          return { status: 200, json, headers: { etag: app.store.etag() } };
        }),
    }),
  ];
}
