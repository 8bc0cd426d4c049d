import {
  affectedServices,
  apiKey,
  needsReboot,
  Plan,
  TransactionName,
  type PlannedChange,
} from "@ballast/model";
import type { Preview } from "@ballast/datastore";
import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";

const PlanQuery = z.strictObject({ tx: TransactionName.default("default") });

export function planRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/tx/plan",
      role: "operator",
      query: PlanQuery,
      response: Plan,
      // Under the lock: while something is applied, files are neither the old nor the new.
      handle: ({ query }) =>
        app.lock(async () => ({
          status: 200,
          json: await planOf(app, query.tx),
          headers: { etag: app.store.etag() },
        })),
    }),
  ];
}

export async function planOf(
  { store, applier }: Pick<App, "store" | "applier">,
  tx: string,
): Promise<Plan> {
  const preview = store.preview(tx);
  const keys = preview.changes.map(({ key }) => key);
  const services = await applier.plan(keys, preview.after);
  const booting = new Set(
    affectedServices(keys)
      .filter(({ service }) => service.reboot === true)
      .map(({ service }) => service.name),
  );
  return {
    changes: preview.changes.map((change) => plannedChange(change, preview)),
    services,
    reboot:
      services.some(
        ({ name, files, later }) => later !== undefined || (booting.has(name) && files.length > 0),
      ) || needsReboot(keys, preview.before, preview.after),
  };
}

function plannedChange(
  { key, action, secret }: Preview["changes"][number],
  { before, after }: Preview,
): PlannedChange {
  const change = { key: apiKey(key), action, secret: secret === true };
  if (change.secret) return change;
  return { ...change, old: before.get(key) ?? null, new: after.get(key) ?? null };
}
