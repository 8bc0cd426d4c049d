import { Datastore } from "@ballast/datastore";
import { createLog } from "@ballast/service";
import { createMemoryClock, createMemoryExec, createMemoryFs } from "@ballast/system";
import type { App } from "../app.ts";
import { createApplier } from "../apply/applier.ts";
import { createLock } from "../apply/lock.ts";
import { UNCONFIGURED } from "../boot-state.ts";
import { createRequestCounter } from "../metrics/request-counter.ts";
import { createInhibitors } from "../updates/inhibitors.ts";
import { createTries } from "../apply/tries.ts";

/** An app in memory: enough to build the route table and to call handlers that need no program. */
export function routeTableApp(): App {
  const store = new Datastore({ file: ":memory:", clock: createMemoryClock() });
  const exec = createMemoryExec({});
  const fs = createMemoryFs();
  const log = createLog({ write: () => undefined, journal: false });
  const lock = createLock();
  const state = { ...UNCONFIGURED, isConfigured: true };
  return {
    os: {
      pretty_name: "Ballast",
      variant_id: "v",
      version_id: "1",
      build_id: "b",
      arch: "x86_64",
      slot: "A",
      root_hash: null,
    },
    store,
    boot: { get: () => state, set: async () => undefined, report: async () => undefined },
    applier: createApplier({
      fs,
      exec,
      log,
      effective: () => store.effective(),
      hooks: {},
    }),
    lock,
    tries: createTries({
      store,
      clock: createMemoryClock(),
      lock,
      log,
      stop: new AbortController().signal,
      apply: async () => [],
    }),
    health: async () => ({ status: "healthy", checks: [] }),
    slots: {
      start: async () => undefined,
      report: () => Promise.reject(new Error("There is no signpost in memory")),
      rollback: () => Promise.reject(new Error("There is no signpost in memory")),
      sawHealth: async () => undefined,
      isTrial: async () => false,
      lastFailure: () => null,
    },
    state: {
      storage: async () => ({ kind: "stored", reason: null }),
      requestReset: () => Promise.reject(new Error("There is no signpost in memory")),
      cancelReset: () => Promise.reject(new Error("There is no signpost in memory")),
    },
    updates: {
      status: noUpdateAgent,
      seen: async () => undefined,
      plan: noUpdateAgent,
      refresh: noUpdateAgent,
      prepare: noUpdateAgent,
      activate: noUpdateAgent,
      deactivate: noUpdateAgent,
      reconcile: noUpdateAgent,
    },
    bundles: { put: noUpdateAgent, cleanUp: async () => undefined },
    parameters: {
      hook: async () => false,
      forecast: async () => undefined,
      report: async () => ({ running: [], wanted: [], state: "as-set", reason: null }),
      check: async () => [],
      isTrial: async () => false,
    },
    events: {
      publish: () => undefined,
      listen: () => {
        throw new Error("There are no listeners in memory");
      },
    },
    inhibitors: createInhibitors(fs, createMemoryClock()),
    shadow: { changed: () => undefined, settle: async () => undefined },
    requests: createRequestCounter(new Set()),
    execSocket: "/nowhere",
    exec,
    fs,
    place: () => "/nowhere",
    log,
    statusChanged: () => undefined,
  };
}

function noUpdateAgent(): Promise<never> {
  return Promise.reject(new Error("There is no update agent in memory"));
}
