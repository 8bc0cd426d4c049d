import type { App } from "../app.ts";
import type { Route } from "../http/route.ts";
import { actionRoutes } from "./actions.ts";
import { configureRoutes } from "./configure.ts";
import { containerLogRoutes } from "./container-logs.ts";
import { containerRoutes } from "./containers.ts";
import { eventRoutes } from "./events.ts";
import { execRoutes } from "./exec.ts";
import { explainRoutes } from "./explain.ts";
import { historyRoutes } from "./history.ts";
import { inhibitorRoutes } from "./inhibitors.ts";
import { logRoutes } from "./logs.ts";
import { metricRoutes } from "./metrics.ts";
import { openApiRoute } from "./openapi.ts";
import { planRoutes } from "./plan.ts";
import { reportRoutes } from "./report.ts";
import { resetRoutes } from "./reset.ts";
import { settingsRoutes } from "./settings.ts";
import { slotRoutes } from "./slots.ts";
import { statusRoutes } from "./status.ts";
import { StreamBound } from "./stream-bound.ts";
import { transactionRoutes } from "./transactions.ts";
import { tryRoutes } from "./tries.ts";
import { updateRoutes } from "./updates.ts";

/** Every endpoint; who may do what stands beside it. */
export function createRoutes(app: App): readonly Route[] {
  const logs = new StreamBound();
  const routes: Route[] = [
    openApiRoute(() => routes),
    ...statusRoutes(app),
    ...slotRoutes(app),
    ...containerRoutes(app),
    ...execRoutes(app),
    ...settingsRoutes(app),
    ...explainRoutes(app),
    ...transactionRoutes(app),
    ...planRoutes(app),
    ...tryRoutes(app),
    ...historyRoutes(app),
    ...logRoutes(app, logs),
    ...containerLogRoutes(app, logs),
    ...eventRoutes(app),
    ...metricRoutes(app),
    ...reportRoutes(app, () => routes),
    ...actionRoutes(app),
    ...resetRoutes(app),
    ...inhibitorRoutes(app),
    ...configureRoutes(app),
    ...updateRoutes(app),
  ];
  return routes;
}
