import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel, isStatus } from "@ballast/containerd";
import { errorFields, type Log } from "@ballast/service";
import { openStateFile, type StateFile } from "../workloads/state-file.ts";
import { Wake } from "../wake.ts";
import { WantedFile } from "../wanted-file.ts";
import { watchFile } from "../watch-file.ts";
import type { HostEdge } from "./containerd.ts";
import { parseHostContainers } from "./desired.ts";
import type { HostContainer } from "./host-container.ts";
import { isSystemd } from "./is-systemd.ts";
import { HostManager } from "./manager.ts";
import { askForContainerd } from "./marker.ts";
import type { HostPlaces } from "./places.ts";
import { Parts } from "../parts.ts";
import { ContainerOutputs } from "./stdio/container-output.ts";

/** Nothing should happen that no event tells of; what does is seen by then. */
const LOOK_AGAIN_MS = 60_000;
/** Between tries to reach a containerd that is not there. */
const RECONNECT_MS = 1000;
/** While a containerd that was asked for starts. */
const START_LIMIT_MS = 30_000;

export interface HostContext {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Keeps the host containers as the settings say, until the signal or a failure. They go on without it. */
export async function runHost(
  places: HostPlaces,
  { log, signal: stop }: HostContext,
): Promise<void> {
  using channel = new Channel(places.socket);
  using outputs = new ContainerOutputs(places, log);
  await using parts = new Parts(stop);
  const { signal } = parts;
  const edge: HostEdge = { channel, places, outputs, systemdCgroup: isSystemd(), log, signal };
  const wake = new Wake();
  const awaken = (): void => {
    wake.now();
  };
  signal.addEventListener("abort", awaken);
  watchFile(places.config, edge, awaken);
  const state = await openStateFile(places.state);
  const manager = new HostManager(edge, awaken, state);
  parts.add(keepHostContainers(manager, { edge, state, wake, parts }), () => manager.settle());
  await parts.ended();
}

interface Keeping {
  readonly edge: HostEdge;
  readonly state: StateFile;
  readonly wake: Wake;
  readonly parts: Parts;
}

/** One pass after another. A containerd that does not answer is waited for. */
async function keepHostContainers(
  manager: HostManager,
  { edge, state, wake, parts }: Keeping,
): Promise<void> {
  const { log, signal, places } = edge;
  const wanted = new WantedFile(places.config, parseHostContainers, log);
  let isListening = false;
  let failingSinceMs: number | undefined;
  let isTold = false;
  while (!signal.aborted) {
    try {
      const wakeAtMs = await look(manager, await wanted.read(), edge, state);
      if (!isListening && existsSync(places.marker)) {
        isListening = true;
        parts.add(listen(manager, edge, wake));
      }
      if (isTold) log.notice("containerd of host containers answers");
      failingSinceMs = undefined;
      isTold = false;
      await wake.sleep(Math.min(LOOK_AGAIN_MS, (wakeAtMs ?? Infinity) - Date.now()));
    } catch (error) {
      if (signal.aborted) break;
      if (!isStatus(error, "unavailable", "deadline-exceeded")) throw error;
      failingSinceMs ??= performance.now();
      if (!isTold && performance.now() - failingSinceMs > START_LIMIT_MS) {
        isTold = true;
        log.warn("containerd of host containers does not answer", errorFields(error));
      }
      await wake.sleep(RECONNECT_MS);
    }
  }
}

/** Asks containerd only where it is needed: on most machines it does not run. */
async function look(
  manager: HostManager,
  desired: readonly HostContainer[] | undefined,
  { places }: HostEdge,
  state: StateFile,
): Promise<number | undefined> {
  // Nothing wanted is not the same as not knowing what: that would remove everything.
  if (desired === undefined) return undefined;
  if (desired.length > 0) await askForContainerd(places.marker);
  else if (!existsSync(places.marker)) {
    await state.write([]);
    return undefined;
  }
  return manager.pass(desired);
}

/** Wakes at what containerd tells, for as long as the signal lets it. */
async function listen(manager: HostManager, edge: HostEdge, wake: Wake): Promise<void> {
  const { log, signal } = edge;
  while (!signal.aborted) {
    try {
      await manager.listen();
    } catch (error) {
      if (signal.aborted) return;
      if (!isStatus(error, "unavailable"))
        log.warn("Cannot listen to containerd of host containers", errorFields(error));
    }
    await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    // What happened while nobody listened is found by looking.
    wake.now();
  }
}
