import type { SlotsReport } from "@ballast/model";
import type { BootStateKeeper } from "../boot-state.ts";
import type { SlotWatch } from "../slots/slot-watch.ts";
import type { EventHub } from "./event-hub.ts";

/** The same keeper, which also tells listeners of each report. */
export function announceReports(boot: BootStateKeeper, hub: EventHub): BootStateKeeper {
  return {
    get: () => boot.get(),
    set: async (state) => {
      const isNew = state.services !== boot.get().services;
      await boot.set(state);
      if (isNew) hub.publish("apply", { services: [...state.services] });
    },
    report: async (services) => {
      await boot.report(services);
      if (services.length > 0) hub.publish("apply", { services: [...services] });
    },
  };
}

/** The same watch, which also tells listeners when what it finds is another than the last time. */
export function announceSlots(slots: SlotWatch, hub: EventHub): SlotWatch {
  let before: string | undefined;
  const report = async (): Promise<SlotsReport> => {
    const found = await slots.report();
    const text = JSON.stringify(found);
    if (text !== before) hub.publish("slots", found);
    before = text;
    return found;
  };
  return {
    ...slots,
    report,
    rollback: async () => {
      const next = await slots.rollback();
      // The act is done; who wants to know more can ask.
      await report().catch(() => undefined);
      return next;
    },
  };
}
