import * as z from "zod";
import { ApiError } from "../api-error.ts";
import { route, type Route } from "../http/route.ts";

const NO_AGENT = "this version has no update agent";

type Endpoint = Pick<Route, "method" | "path" | "role"> & { readonly missing: string };

/** Who may ask for what is decided; the programs that will answer come later. */
const ENDPOINTS: readonly Endpoint[] = [
  { method: "GET", path: "/updates/status", role: "reader", missing: NO_AGENT },
  { method: "POST", path: "/actions/refresh-updates", role: "operator", missing: NO_AGENT },
  { method: "POST", path: "/actions/prepare-update", role: "operator", missing: NO_AGENT },
  { method: "POST", path: "/actions/activate-update", role: "operator", missing: NO_AGENT },
  { method: "POST", path: "/actions/deactivate-update", role: "operator", missing: NO_AGENT },
];

/** Endpoints that check a request as they always will and then say which part is not built. */
export function laterRoutes(): Route[] {
  return ENDPOINTS.map(({ missing, ...endpoint }) =>
    route({
      ...endpoint,
      query: z.strictObject({}),
      notBuilt: missing,
      handle: async () => {
        throw new ApiError(
          "apiserver.not-built",
          `${endpoint.method} ${endpoint.path} is not built yet: ${missing}`,
        );
      },
    }),
  );
}
