import type { App } from "../app.ts";
import type { Route } from "../http/route.ts";
import { actionRoutes } from "./actions.ts";
import { eventRoutes } from "./events.ts";
import { historyRoutes } from "./history.ts";
import { logRoutes } from "./logs.ts";
import { metricRoutes } from "./metrics.ts";
import { openApiRoute } from "./openapi.ts";
import { planRoutes } from "./plan.ts";
import { settingsRoutes } from "./settings.ts";
import { slotRoutes } from "./slots.ts";
import { statusRoutes } from "./status.ts";
import { transactionRoutes } from "./transactions.ts";
import { tryRoutes } from "./tries.ts";

/** Every endpoint; who may do what stands beside it. */
export function createRoutes(app: App): readonly Route[] {
  const routes: Route[] = [
    openApiRoute(() => routes),
    ...statusRoutes(app),
    ...slotRoutes(app),
    ...settingsRoutes(app),
    ...transactionRoutes(app),
    ...planRoutes(app),
    ...tryRoutes(app),
    ...historyRoutes(app),
    ...logRoutes(app),
    ...eventRoutes(app),
    ...metricRoutes(app),
    ...actionRoutes(app),
  ];
  return routes;
}
