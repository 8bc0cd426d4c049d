import { Datastore } from "@ballast/datastore";
import { createLog } from "@ballast/service";
import { createMemoryClock, createMemoryExec, createMemoryFs } from "@ballast/system";
import type { App } from "../app.ts";
import { createApplier } from "../apply/applier.ts";
import { createLock } from "../apply/lock.ts";

/** An app in memory: enough to build the route table and to call handlers that need no program. */
export function routeTableApp(): App {
  const store = new Datastore({ file: ":memory:", clock: createMemoryClock() });
  const exec = createMemoryExec({});
  const log = createLog({ write: () => undefined, journal: false });
  const state = { isConfigured: true, userDataError: null, services: [] };
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
      fs: createMemoryFs(),
      exec,
      log,
      effective: () => store.effective(),
      hooks: {},
    }),
    lock: createLock(),
    health: async () => ({ status: "healthy", checks: [] }),
    slots: {
      start: async () => undefined,
      report: () => Promise.reject(new Error("There is no signpost in memory")),
      rollback: () => Promise.reject(new Error("There is no signpost in memory")),
      sawHealth: async () => undefined,
      isTrial: async () => false,
      lastFailure: () => null,
    },
    exec,
    log,
    statusChanged: () => undefined,
  };
}
