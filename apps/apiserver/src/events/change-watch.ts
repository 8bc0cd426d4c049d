import type { Datastore } from "@ballast/datastore";
import { apiKey, type EventData, type UpdatesStatus } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import type { HealthReader } from "../health/health.ts";
import type { EventHub } from "./event-hub.ts";

export interface ChangeWatchParts {
  readonly store: Pick<Datastore, "etag" | "history">;
  readonly health: HealthReader;
  readonly updates: () => Promise<UpdatesStatus | undefined>;
  readonly log: Log;
  readonly hub: () => EventHub;
  readonly settingsMs: number;
  readonly updatesMs: number;
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
    const lookAtUpdates = updatesLook(parts);
    const lookAtHealth = healthLook(parts, JSON.stringify(ready.health));
    timers = [
      setInterval(settingsLook(parts), parts.settingsMs),
      setInterval(() => void lookAtUpdates(), parts.updatesMs),
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

function updatesLook({ updates, hub, log }: ChangeWatchParts): () => Promise<void> {
  let before: string | undefined;
  let isLooking = false;
  return async () => {
    if (isLooking) return;
    isLooking = true;
    try {
      const found = await updates();
      const text = withoutSteps(found);
      // What was so when the first listener came is no news.
      if (found !== undefined && before !== undefined && text !== before)
        hub().publish("updates", found);
      before = text;
    } catch (error) {
      log.warn("Updates not looked at for listeners", errorFields(error));
    } finally {
      isLooking = false;
    }
  };
}

/** As text that is another when there is something to tell: progress goes on and on. */
function withoutSteps(status: UpdatesStatus | undefined): string {
  if (status === undefined) return "none";
  const { progress } = status;
  const step = progress === null ? null : [progress.command, progress.phase];
  return JSON.stringify({ ...status, progress: step });
}
