import { setTimeout as sleep } from "node:timers/promises";
import { Channel, createClient, isStatus } from "@ballast/containerd";
import { ImageService, RuntimeService } from "@ballast/containerd/cri";
import { EXIT } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import { EXEC_PLACES } from "./exec/exec-places.ts";
import { serveExec } from "./exec/exec-server.ts";
import { Containerds } from "./exec/find-container.ts";
import { parseDesired } from "./workloads/desired.ts";
import { HOST_PLACES } from "./host/places.ts";
import { runHost } from "./host/run-host.ts";
import { Manager } from "./workloads/manager.ts";
import { ImageCollector } from "./images/image-collector.ts";
import { ImageImporter } from "./images/image-importer.ts";
import { ArchivedImages } from "./images/archived-images.ts";
import { Puller } from "./images/puller.ts";
import { Pulls } from "./images/pulls.ts";
import { Parts } from "./parts.ts";
import type { Edge } from "./workloads/perform.ts";
import type { Places } from "./places.ts";
import { openStateFile } from "./workloads/state-file.ts";
import type { Workload } from "./workloads/workload.ts";
import { Wake } from "./wake.ts";
import { WantedFile } from "./wanted-file.ts";
import { watchFile } from "./watch-file.ts";

/** Nothing should happen that no event tells of; what does is seen by then. */
const LOOK_AGAIN_MS = 60_000;
/** How many images are pulled at once; each has some layers under way at a time. */
const MAX_PULLS = 3;
/** Between looks at what images take; a pull looks too. */
const COLLECT_MS = 5 * 60_000;
/** Between tries to reach a containerd that is not there. */
const RECONNECT_MS = 1000;

export interface RunOptions {
  readonly places: Places;
  readonly maxLogBytes: number;
}

export interface RunContext {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Runs until the signal, or until a part fails. Containers are left as they are: the next manager finds them. */
export async function runManager(
  { places, maxLogBytes }: RunOptions,
  { log, signal: stop }: RunContext,
): Promise<number> {
  using channel = new Channel(places.socket);
  const runtime = createClient(RuntimeService, channel);
  const images = createClient(ImageService, channel);
  using containerds = new Containerds(channel, runtime, EXEC_PLACES.hostContainerd);
  await using parts = new Parts(stop);
  const { signal } = parts;
  const importer = new ImageImporter(channel, images, signal);
  const archives = new ArchivedImages(places.archives, importer, log);
  const wanted = new WantedFile(places.config, parseDesired, log);
  const collector = new ImageCollector(
    { images, runtime, budgetFile: places.imageBudget, log, signal },
    () => wanted.last?.map(({ spec }) => spec.image),
  );
  const pulls = new Pulls(MAX_PULLS);
  const helpers = { importer, archives, puller: new Puller(channel), pulls, collector };
  const edge: Edge = { runtime, images, ...helpers, places, maxLogBytes, log, signal };
  const wake = new Wake();
  const awaken = (): void => {
    wake.now();
  };
  const manager = new Manager(edge, awaken, await openStateFile(places.state));
  for (const path of [places.config, places.machineHosts]) watchFile(path, edge, awaken);
  signal.addEventListener("abort", awaken);
  parts.add(listen(edge, awaken));
  parts.add(collectImages(edge));
  parts.add(serveExec({ containerds, places: EXEC_PLACES, log, signal }));
  parts.add(runHost(HOST_PLACES, { log, signal }));
  parts.add(keepWorkloads(manager, wanted, wake, edge), () => manager.settle());
  log.notice("Manager of containers is running");
  await parts.ended();
  return EXIT.ok;
}

/** One pass after another. A containerd that does not answer is waited for. */
async function keepWorkloads(
  manager: Manager,
  wanted: WantedFile<readonly Workload[]>,
  wake: Wake,
  { log, signal }: Edge,
): Promise<void> {
  let isReachable = true;
  while (!signal.aborted) {
    try {
      const wakeAtMs = await manager.pass(await wanted.read());
      if (!isReachable) log.notice("containerd answers again");
      isReachable = true;
      await tendLogsUntil(
        manager,
        wake,
        Math.min(LOOK_AGAIN_MS, (wakeAtMs ?? Infinity) - Date.now()),
      );
    } catch (error) {
      if (signal.aborted) break;
      if (!isStatus(error, "unavailable", "deadline-exceeded")) throw error;
      if (isReachable) log.warn("containerd does not answer", errorFields(error));
      isReachable = false;
      await wake.sleep(RECONNECT_MS);
    }
  }
}

/** Looks at the logs for the time, or until something happens. */
async function tendLogsUntil(manager: Manager, wake: Wake, limitMs: number): Promise<void> {
  // Not by the clock, which may be set back.
  const endMs = performance.now() + limitMs;
  let isOver = false;
  while (!isOver) {
    const dueMs = await manager.tendLogs();
    const isAwake = await wake.sleep(Math.min(dueMs, endMs - performance.now()));
    isOver = isAwake || performance.now() >= endMs;
  }
}

/** Keeps what images take within its budget, for as long as the signal lets it. */
async function collectImages({ collector, log, signal }: Edge): Promise<void> {
  while (!signal.aborted) {
    try {
      await collector.collect();
    } catch (error) {
      if (!signal.aborted && !isStatus(error, "unavailable"))
        log.warn("Cannot look at what images take", errorFields(error));
    }
    await sleep(COLLECT_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Calls back at each event of containerd, for as long as the signal lets it. */
async function listen({ runtime, log, signal }: Edge, onEvent: () => void): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const _ of runtime.getContainerEvents({}, { signal })) onEvent();
    } catch (error) {
      if (signal.aborted) return;
      if (!isStatus(error, "unavailable"))
        log.warn("Cannot listen to containerd", errorFields(error));
    }
    // What happened while nobody listened is found by looking.
    onEvent();
    await sleep(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
  }
}
