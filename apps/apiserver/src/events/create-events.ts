import { createChangeWatch, type ChangeWatchParts } from "./change-watch.ts";
import { createEventHub, type EventHub } from "./event-hub.ts";

/** Listeners are few: dashboards and people who watch; each holds a connection. */
const LIMITS = { maxListeners: 32, maxUnreadBytes: 256 * 1024, heartbeatMs: 15_000 };
const SETTINGS_MS = 500;
const UPDATES_MS = 500;
const HEALTH_MS = 3000;

/** The events of this machine; nothing is looked at while nobody listens. */
export function createEvents(
  parts: Pick<ChangeWatchParts, "store" | "log" | "health" | "updates">,
): EventHub {
  const hub: EventHub = createEventHub({
    ...LIMITS,
    onListening: createChangeWatch({
      ...parts,
      hub: () => hub,
      settingsMs: SETTINGS_MS,
      updatesMs: UPDATES_MS,
      healthMs: HEALTH_MS,
    }),
  });
  return hub;
}
