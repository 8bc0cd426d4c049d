import manifest from "../../package.json" with { type: "json" };
import type { App } from "../app.ts";
import { createRoutes } from "../routes/index.ts";
import { openApiDocument } from "./openapi-document.ts";

/** The document as it is checked in; no machine is needed, because only handlers look at one. */
export function openApiText(): string {
  const nobody = new Proxy(
    {},
    {
      get: (_target, name) => {
        throw new Error(`A route looks at "${String(name)}" of the machine before it is called`);
      },
    },
  );
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- whatever is asked of it throws
  const routes = createRoutes(nobody as App);
  return `${JSON.stringify(openApiDocument(routes, manifest.version), null, 2)}\n`;
}
