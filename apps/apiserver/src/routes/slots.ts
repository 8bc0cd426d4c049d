import { RollbackReport, SlotsReport } from "@ballast/model";
import { errorFields } from "@ballast/service";
import * as z from "zod";
import type { App } from "../app.ts";
import { route, type Route } from "../http/route.ts";
import { changePower } from "./power.ts";

const RollbackQuery = z.strictObject({ reboot: z.enum(["true", "false"]).default("false") });

export function slotRoutes(app: App): Route[] {
  return [
    route({
      method: "GET",
      path: "/slots",
      role: "reader",
      query: z.strictObject({}),
      response: SlotsReport,
      handle: async () => ({ status: 200, json: await app.slots.report() }),
    }),
    route({
      method: "POST",
      path: "/actions/rollback",
      role: "operator",
      query: RollbackQuery,
      response: RollbackReport,
      handle: async ({ query, audit }) => {
        await app.shadow.settle();
        const next = await app.slots.rollback();
        const rebooting = query.reboot === "true";
        Object.assign(audit, { next, rebooting: String(rebooting) });
        if (rebooting) await changePower(app.exec, "reboot");
        else await reconcileUpdates(app);
        return { status: 200, json: { next, rebooting } satisfies RollbackReport };
      },
    }),
  ];
}

/** What was staged or ready may be no more. The slots are as they were wished: this may not spoil the answer. */
async function reconcileUpdates({ updates, log }: App): Promise<void> {
  try {
    await updates.reconcile();
  } catch (error) {
    log.warn("Status of updates is as before the slots changed", errorFields(error));
  }
}
