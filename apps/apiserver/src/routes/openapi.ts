import * as z from "zod";
import manifest from "../../package.json" with { type: "json" };
import { route, type Route } from "../http/route.ts";
import { openApiDocument } from "../openapi/openapi-document.ts";

/** Made when it is first asked for: the 30 ms would lengthen every start, the 45 kB are cheaper to keep than to make anew. */
export function openApiRoute(routes: () => readonly Route[]): Route {
  let text: string | undefined;
  return route({
    method: "GET",
    path: "/openapi.json",
    role: "reader",
    query: z.strictObject({}),
    answerType: "application/json",
    handle: async () => {
      text ??= JSON.stringify(openApiDocument(routes(), manifest.version));
      return { status: 200, text };
    },
  });
}
