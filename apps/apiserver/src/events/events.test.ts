import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Datastore } from "@ballast/datastore";
import type { Health } from "@ballast/model";
import { createLog } from "@ballast/service";
import { createMemoryClock } from "@ballast/system";
import { describe, expect, it, onTestFinished } from "vitest";
import { PREPARING, updatesStatus } from "../updates/status.fixture.ts";
import { createChangeWatch } from "./change-watch.ts";
import { createEventHub, type EventHub, type EventHubOptions } from "./event-hub.ts";

const HEALTHY: Health = { status: "healthy", checks: [] };
const READY = { etag: '"a-1"', health: HEALTHY };

function hubOf(options: Partial<EventHubOptions> = {}): EventHub {
  return createEventHub({
    maxListeners: 3,
    maxUnreadBytes: 1000,
    heartbeatMs: 60_000,
    onListening: () => undefined,
    ...options,
  });
}

/** A listener that reads, and what it has read. */
function listen(hub: EventHub) {
  const stop = new AbortController();
  const stream = hub.listen(READY, stop.signal);
  let text = "";
  stream.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  onTestFinished(() => {
    stop.abort();
  });
  return { stream, stop, text: () => text };
}

describe("createEventHub()", () => {
  it("greets each listener and tells all of them in order", async () => {
    const hub = hubOf();
    const [one, two] = [listen(hub), listen(hub)];
    hub.publish("apply", { services: [] });
    hub.publish("health", { status: "degraded", checks: [{ name: "a\nb", status: "failed" }] });
    await delay(5);
    expect(one.text()).toBe(
      `retry: 2000\nid: 1\nevent: ready\ndata: ${JSON.stringify(READY)}\n\n` +
        'id: 3\nevent: apply\ndata: {"services":[]}\n\n' +
        'id: 4\nevent: health\ndata: {"status":"degraded","checks":[{"name":"a\\nb","status":"failed"}]}\n\n',
    );
    expect(two.text()).toContain("id: 4\nevent: health");
  });

  it("bounds the listeners, and takes another when one has gone", async () => {
    const told: boolean[] = [];
    const hub = hubOf({ onListening: (ready) => told.push(ready === READY) });
    const listeners = [listen(hub), listen(hub), listen(hub)];
    expect(() => listen(hub)).toThrow(
      expect.objectContaining({ code: "apiserver.too-many-streams" }),
    );
    for (const { stop, stream } of listeners) {
      stop.abort();
      await once(stream, "close");
    }
    expect(told).toEqual([true, false]);
    listen(hub);
  });

  it("cuts off who does not read, and nobody else", async () => {
    const hub = hubOf();
    const reader = listen(hub);
    const sleeper = hub.listen(READY, new AbortController().signal);
    const cut = once(sleeper, "close");
    for (let count = 0; count < 100; count += 1) {
      hub.publish("apply", { services: [{ name: `n${count}`, action: "rendered", status: "ok" }] });
      await delay(0);
    }
    await cut;
    expect(sleeper.destroyed).toBe(true);
    expect(reader.text()).toContain('"n99"');
  });

  it("is heard while nothing happens", async () => {
    const { text } = listen(hubOf({ heartbeatMs: 5 }));
    await expect.poll(text).toContain("\n\n:\n\n");
  });

  it("ends at once for a client that has gone meanwhile", async () => {
    const stream = hubOf().listen(READY, AbortSignal.abort());
    await once(stream.resume(), "close");
    expect(stream.readableEnded).toBe(true);
  });
});

describe("createChangeWatch()", () => {
  it("tells commits by their keys, never with a value, and a health and updates that are others", async () => {
    using store = new Datastore({ file: ":memory:", clock: createMemoryClock() });
    let health = HEALTHY;
    let updates = updatesStatus();
    const hub: EventHub = hubOf({
      onListening: createChangeWatch({
        store,
        health: async () => health,
        updates: async () => updates,
        log: createLog({ write: () => undefined, journal: false }),
        hub: () => hub,
        settingsMs: 5,
        updatesMs: 5,
        healthMs: 5,
      }),
    });
    const { text } = listen(hub);
    await delay(20);
    expect(text()).not.toMatch(/event: (health|settings|updates)/);
    for (const motd of ["first-secret", "second-secret"]) {
      store.stage("t", [{ key: "motd", value: motd }]);
      store.commit("t", { who: "me", source: "api" });
    }
    health = { status: "degraded", checks: [] };
    await expect.poll(text).toContain("event: health");
    await expect.poll(() => text().match(/event: settings/g)).toHaveLength(2);
    expect(text()).toContain(`"etag":${JSON.stringify(store.etag())}`);
    expect(text()).toContain('"who":"me","keys":["settings.motd"]');
    expect(text()).not.toContain("secret");
    updates = updatesStatus({ progress: PREPARING });
    await expect.poll(text).toContain("event: updates");
    updates = updatesStatus({ progress: { ...PREPARING, done_bytes: 20 } });
    await delay(30);
    updates = updatesStatus({ update_state: "Staged" });
    await expect.poll(text).toContain('"update_state":"Staged"');
    expect(text().match(/event: updates/g)).toHaveLength(2);
  });
});
