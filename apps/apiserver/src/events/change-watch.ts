import type { Datastore } from "@ballast/datastore";
import { apiKey, type EventData } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { HealthReader } from "../health/health.ts";
import type { EventHub } from "./event-hub.ts";

export interface ChangeWatchParts {
  readonly store: Pick<Datastore, "etag" | "history">;
  readonly health: HealthReader;
  readonly log: Log;
  readonly hub: () => EventHub;
  readonly settingsMs: number;
  readonly healthMs: number;
}

/**
 * Looks for commits and for another health while somebody listens. Looking finds each change whoever made it: a client,
 * the machine itself, or a commit that was taken back.
 */
export function createChangeWatch(
  parts: ChangeWatchParts,
): (ready: EventData<"ready"> | undefined) => void {
  let timers: NodeJS.Timeout[] = [];
  return (ready) => {
    for (const timer of timers) clearInterval(timer);
    timers = [];
    if (ready === undefined) return;
    const lookAtHealth = healthLook(parts, JSON.stringify(ready.health));
    timers = [
      setInterval(settingsLook(parts), parts.settingsMs),
      setInterval(() => void lookAtHealth(), parts.healthMs),
    ];
  };
}

function settingsLook({ store, hub }: ChangeWatchParts): () => void {
  let etag = store.etag();
  let lastId = newestId(store);
  return () => {
    const now = store.etag();
    if (now === etag) return;
    etag = now;
    const fresh = store.history().filter(({ id }) => id > lastId);
    lastId = newestId(store);
    for (const { at, who, changes } of fresh.toReversed())
      hub().publish("settings", { etag, at, who, keys: changes.map(({ key }) => apiKey(key)) });
  };
}

function newestId(store: ChangeWatchParts["store"]): number {
  return store.history()[0]?.id ?? 0;
}

function healthLook({ health, hub, log }: ChangeWatchParts, told: string): () => Promise<void> {
  let before = told;
  return async () => {
    try {
      const found = await health();
      const text = JSON.stringify(found);
      if (text !== before) hub().publish("health", found);
      before = text;
    } catch (error) {
      log.warn("Health not looked at for listeners", errorFields(error));
    }
  };
}
