import type { Datastore } from "@ballast/datastore";
import type { Os } from "@ballast/model";
import type { Log } from "@ballast/service";
import type { Exec, Fs } from "@ballast/system";
import type { Applier } from "./apply/applier.ts";
import type { Lock } from "./apply/lock.ts";
import type { Tries } from "./apply/tries.ts";
import type { BootStateKeeper } from "./boot-state.ts";
import type { EventHub } from "./events/event-hub.ts";
import type { HealthReader } from "./health/health.ts";
import type { ParameterKeeper } from "./parameters/boot-parameters.ts";
import type { RequestCounter } from "./metrics/request-counter.ts";
import type { SlotWatch } from "./slots/slot-watch.ts";
import type { ShadowKeeper } from "./shadow/shadow-keeper.ts";
import type { StateKeeper } from "./state/state-keeper.ts";
import type { Inhibitors } from "./updates/inhibitors.ts";
import type { BundleStore } from "./updates/bundle-store.ts";
import type { UpdateKeeper } from "./updates/update-keeper.ts";

/** What the handlers of routes work with. */
export interface App {
  readonly os: Os;
  readonly store: Datastore;
  readonly boot: BootStateKeeper;
  readonly applier: Applier;
  /** Held while settings are committed or applied. */
  readonly lock: Lock;
  /** The commit that waits to be confirmed. */
  readonly tries: Tries;
  readonly health: HealthReader;
  readonly slots: SlotWatch;
  readonly state: StateKeeper;
  readonly updates: UpdateKeeper;
  readonly bundles: BundleStore;
  readonly parameters: ParameterKeeper;
  readonly shadow: ShadowKeeper;
  readonly events: EventHub;
  readonly requests: RequestCounter;
  readonly inhibitors: Inhibitors;
  /** Where the manager of containers takes commands. */
  readonly execSocket: string;
  readonly exec: Exec;
  readonly fs: Fs;
  /** Where a path of the machine is: for what `fs` cannot do. */
  readonly place: (path: string) => string;
  readonly log: Log;
  /** Tells the console that something it shows may have changed. */
  readonly statusChanged: () => void;
}
