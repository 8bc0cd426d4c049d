import { readFile, rm } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Channel, isStatus } from "@ballast/containerd";
import { EXIT } from "@ballast/errors";
import type { WorkloadStatus } from "@ballast/model";
import { errorFields } from "@ballast/service";
import { prepareImage, type PreparedImage } from "../../images/prepare-image.ts";
import { failureReason } from "../../workloads/failure-reason.ts";
import { delayMs } from "../../workloads/memory.ts";
import { openStateFile } from "../../workloads/state-file.ts";
import { HostContainerd, type HostEdge } from "../containerd.ts";
import { parseBootstrapContainers, type BootstrapContainer } from "../desired.ts";
import { idOf, titleOf, type HostContainer, type HostId } from "../host-container.ts";
import { isSystemd } from "../is-systemd.ts";
import { askForContainerd } from "../marker.ts";
import type { HostPlaces } from "../places.ts";
import type { HostContext } from "../run-host.ts";
import { ContainerOutputs } from "../stdio/container-output.ts";
import { onceSucceededAt, recordOnce } from "./once-record.ts";

const KIND = "bootstrap";
/** The network may come up meanwhile: 1 s, 2 s, 4 s … together a minute and a half. */
const PULL_TRIES = 8;
const PULL_DELAY_MAX_MS = 30_000;
const START_LIMIT_MS = 60_000;
const POLL_MS = 200;

/**
 * Runs the bootstrap containers that are due, one after another in the order of their names. One that fails does not keep
 * the others from running, unless it is essential: then nothing runs after it, and the exit code says so.
 */
export async function runBootstrap(places: HostPlaces, context: HostContext): Promise<number> {
  const { log, signal } = context;
  const path = places.bootstrapConfig;
  const all = parseBootstrapContainers(await readFile(path, "utf8"), path);
  const state = await openStateFile(places.bootstrapState);
  const statuses = new Map<string, WorkloadStatus>();
  const due: BootstrapContainer[] = [];
  for (const one of all) {
    const { container, isOnce } = one;
    const at = isOnce ? await onceSucceededAt(container, places) : undefined;
    if (at === undefined) due.push(one);
    const outcome = at === undefined ? NOT_YET : ({ state: "ended", since: at, exit: 0 } as const);
    statuses.set(container.name, statusOf(container, outcome));
  }
  const tell = () => state.write([...statuses.values()]);
  await tell();
  if (due.length === 0) return EXIT.ok;
  using channel = new Channel(places.socket);
  using outputs = new ContainerOutputs(places, log);
  const edge: HostEdge = { channel, places, outputs, systemdCgroup: isSystemd(), log, signal };
  // Nothing is removed for the room that it takes: it is not known here what host containers have.
  const containerd = new HostContainerd(edge, () => undefined);
  await askForContainerd(places.marker);
  // What a boot that was cut has left.
  for (const { name } of await firstAnswer(containerd, signal))
    await containerd.remove(idOf({ kind: KIND, name }));
  for (const { container, isOnce, isEssential } of due) {
    statuses.set(container.name, statusOf(container, { state: "starting" }));
    await tell();
    const outcome = await runOne(containerd, container, context);
    if (outcome.exit === 0 && isOnce) await recordOnce(container, places, outcome.since);
    statuses.set(container.name, statusOf(container, outcome));
    await tell();
    if (outcome.exit === 0 || !isEssential) continue;
    log.error("An essential bootstrap container failed: no other container starts", {
      container: titleOf(container),
    });
    return EXIT.failed;
  }
  // What is wanted from now on its own manager says.
  await rm(places.marker, { force: true });
  return EXIT.ok;
}

interface Outcome {
  readonly state: WorkloadStatus["state"];
  readonly since?: string;
  readonly exit?: number;
  readonly reason?: string;
}

const NOT_YET: Outcome = { state: "waiting" };

async function runOne(
  containerd: HostContainerd,
  container: HostContainer,
  { log, signal }: HostContext,
): Promise<Outcome & { readonly since: string }> {
  const title = titleOf(container);
  const id = idOf(container);
  try {
    const { id: imageId } = await pull(containerd, container, signal);
    log.info("Runs a bootstrap container", { container: title });
    await containerd.run(container, { imageId, attempt: 0 });
    const exit = await waitFor(containerd, id, signal);
    await containerd.remove(id);
    if (exit === 0) log.info("A bootstrap container succeeded", { container: title });
    else log.warn("A bootstrap container failed", { container: title, exit_code: exit });
    // One that failed runs again when the machine starts again.
    return { state: exit === 0 ? "ended" : "waiting", since: new Date().toISOString(), exit };
  } catch (error) {
    if (signal.aborted) throw error;
    log.warn("A bootstrap container could not run", { container: title, ...errorFields(error) });
    await containerd.remove(id).catch(() => undefined);
    return { state: "waiting", since: new Date().toISOString(), reason: failureReason(error) };
  }
}

async function pull(
  { imageEdge }: HostContainerd,
  container: HostContainer,
  signal: AbortSignal,
): Promise<PreparedImage> {
  const wanted = { name: titleOf(container), image: container.source };
  for (let tries = 1; ; tries++)
    try {
      return await prepareImage(imageEdge, wanted);
    } catch (error) {
      if (tries >= PULL_TRIES || signal.aborted) throw error;
      const pauseMs = Math.min(delayMs(tries), PULL_DELAY_MAX_MS) * (1 + Math.random() / 2);
      await sleep(pauseMs, undefined, { signal });
    }
}

/** Its containerd may be started anew meanwhile. */
async function waitFor(
  containerd: HostContainerd,
  id: HostId,
  signal: AbortSignal,
): Promise<number> {
  for (;;)
    try {
      return await containerd.wait(id);
    } catch (error) {
      if (signal.aborted || !isStatus(error, "unavailable", "deadline-exceeded")) throw error;
      await sleep(POLL_MS, undefined, { signal });
    }
}

/** What is there, once containerd has come up. */
async function firstAnswer(containerd: HostContainerd, signal: AbortSignal) {
  const endMs = performance.now() + START_LIMIT_MS;
  for (;;)
    try {
      return await containerd.list(KIND);
    } catch (error) {
      if (!isStatus(error, "unavailable") || performance.now() > endMs) throw error;
      await sleep(POLL_MS, undefined, { signal });
    }
}

function statusOf({ name, source }: HostContainer, outcome: Outcome): WorkloadStatus {
  return {
    name,
    kind: KIND,
    state: outcome.state,
    since: outcome.since ?? null,
    restarts: 0,
    exit_code: outcome.exit ?? null,
    health: "none",
    health_reason: null,
    image: source,
    digest: null,
    reason: outcome.reason ?? null,
    next_try: null,
    cgroup: null,
  };
}
