import { explainSetting, SettingExplanation } from "@ballast/model";
import * as z from "zod";
import { ApiError } from "../api-error.ts";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { printable } from "./bad-settings.ts";
import { didYouMean } from "./did-you-mean.ts";

/** The empty key is all settings. */
const ExplainQuery = z.strictObject({ key: z.string().max(512).default("") });

export function explainRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/settings/explain",
      role: "reader",
      query: ExplainQuery,
      response: SettingExplanation,
      handle: async ({ query }) => ({
        status: 200,
        headers: { etag: app.store.etag() },
        json: explain(app, query.key),
      }),
    }),
  ];
}

function explain(app: App, key: string): SettingExplanation {
  const result = explainSetting(key, app.store.values());
  if (result.found) return result.explanation;
  throw new ApiError(
    "apiserver.bad-query",
    `"${printable(key)}" ${result.reason}`,
    didYouMean(key),
  );
}
