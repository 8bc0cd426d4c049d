import { readFile } from "node:fs/promises";
import { Channel, createClient, isStatus } from "@ballast/containerd";
import { RuntimeService } from "@ballast/containerd/cri";
import { EXIT } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import { LABEL, NAMESPACE } from "../workloads/labels.ts";
import { parseDesired } from "../workloads/desired.ts";
import { stopWell, type StopEdge } from "../workloads/stop-well.ts";
import { stopInOrder, stopOrder, type Requires } from "./stop-order.ts";

/** Within the time that the unit has: what is left then ends with the machine. */
const DRAIN_LIMIT_MS = 270_000;
const CALL_LIMIT_MS = 20_000;

interface DrainOptions {
  readonly socket: string;
  readonly config: string;
}

interface DrainContext {
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Ends all workloads before the machine does, each after those that require it. The manager has ended by then. */
export async function runDrain(
  { socket, config }: DrainOptions,
  { log, signal }: DrainContext,
): Promise<number> {
  using channel = new Channel(socket);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DRAIN_LIMIT_MS)]);
  const edge: StopEdge = { runtime: createClient(RuntimeService, channel), log, signal: limit };
  const startMs = performance.now();
  try {
    const sandboxes = await listSandboxes(edge);
    const names = new Set(sandboxes.map(({ name }) => name));
    const order = stopOrder(names, await readRequires(config, log));
    const failed = await stopInOrder(order, async (name) => {
      const own = sandboxes.filter((sandbox) => sandbox.name === name);
      await Promise.all(own.map(({ id }) => stopSandbox(edge, name, id)));
    });
    const took_ms = Math.round(performance.now() - startMs);
    if (failed.length === 0)
      log.notice("All workloads are stopped", { count: names.size, took_ms });
    else log.error("Workloads end with the machine", { containers: failed.join(","), took_ms });
    return failed.length === 0 ? EXIT.ok : EXIT.failed;
  } catch (error) {
    // Without containerd nobody can be asked to end.
    if (!isStatus(error, "unavailable", "deadline-exceeded")) throw error;
    log.warn("Workloads end with the machine: containerd does not answer", errorFields(error));
    return EXIT.unavailable;
  }
}

async function listSandboxes({ runtime, signal }: StopEdge) {
  const options = { signal, act: "list containers", timeoutMs: CALL_LIMIT_MS };
  const { items } = await runtime.listPodSandbox({}, options);
  return items
    .filter(({ metadata }) => metadata?.namespace === NAMESPACE)
    .map(({ id, labels, metadata }) => ({ id, name: labels[LABEL.name] ?? metadata?.name ?? "" }));
}

async function stopSandbox(edge: StopEdge, name: string, podSandboxId: string): Promise<void> {
  const { runtime, signal, log } = edge;
  const act = `stop container "${name}"`;
  const options = { signal, act, timeoutMs: CALL_LIMIT_MS };
  try {
    const { containers } = await runtime.listContainers({ filter: { podSandboxId } }, options);
    await Promise.all(
      containers.map(({ id, state, annotations }) =>
        stopWell(edge, { id, state, ending: annotations[LABEL.ending] }, act),
      ),
    );
    await runtime.stopPodSandbox({ podSandboxId }, options);
    log.info("Stopped a container", { container: name });
  } catch (error) {
    if (isStatus(error, "not-found")) return;
    log.error("A container does not stop", { container: name, ...errorFields(error) });
    throw error;
  }
}

/** Without the file all are stopped at once. */
async function readRequires(config: string, log: Log): Promise<Requires> {
  try {
    const wanted = parseDesired(await readFile(config, "utf8"), config);
    return new Map(wanted.map(({ name, spec }) => [name, spec.requires ?? []]));
  } catch (error) {
    log.warn("Containers are stopped in no order", errorFields(error));
    return new Map();
  }
}
