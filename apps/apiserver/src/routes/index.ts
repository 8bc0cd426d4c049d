import type { App } from "../app.ts";
import type { Route } from "../http/route.ts";
import { actionRoutes } from "./actions.ts";
import { logRoutes } from "./logs.ts";
import { settingsRoutes } from "./settings.ts";
import { slotRoutes } from "./slots.ts";
import { statusRoutes } from "./status.ts";
import { transactionRoutes } from "./transactions.ts";

/** Every endpoint; who may do what stands beside it. */
export function createRoutes(app: App): readonly Route[] {
  return [
    ...statusRoutes(app),
    ...slotRoutes(app),
    ...settingsRoutes(app),
    ...transactionRoutes(app),
    ...logRoutes(app),
    ...actionRoutes(app),
  ];
}
