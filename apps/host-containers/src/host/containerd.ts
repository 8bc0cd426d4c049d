import { createClient, isStatus, type Channel, type Client } from "@ballast/containerd";
import { ImageService, RuntimeService } from "@ballast/containerd/cri";
import { encodeSpec, readImage } from "@ballast/containerd/oci";
import { Containers, Events, Snapshots, Tasks, TaskStatus } from "@ballast/containerd/services";
import type { Log } from "@ballast/service";
import { ImageCollector, type WantedImages } from "../images/image-collector.ts";
import type { ImageEdge } from "../images/prepare-image.ts";
import { Puller } from "../images/puller.ts";
import { Pulls } from "../images/pulls.ts";
import {
  idOf,
  type ActualHost,
  type ActualTask,
  type HostContainer,
  type HostId,
  type HostKind,
} from "./host-container.ts";
import type { HostPlaces } from "./places.ts";
import { runcOptions } from "./runtime-options.ts";
import { specOf } from "./spec-of.ts";
import { prepareStorage } from "./storage.ts";
import { outputPaths, type ContainerOutputs } from "./stdio/container-output.ts";

/** Where the CRI puts the images that it pulls. */
const NAMESPACE = "k8s.io";
const SNAPSHOTTER = "overlayfs";
const RUNTIME = "io.containerd.runc.v2";
const RUNC_ROOT = "/run/host-containerd/runc";

const LABEL = {
  kind: "ballast.kind",
  name: "ballast.container",
  hash: "ballast.hash",
  attempt: "ballast.attempt",
} as const;

/** How many images are pulled at once. */
const MAX_PULLS = 3;
const CREATE_LIMIT_MS = 120_000;
/** The longest that the protocol can say. */
const WAIT_LIMIT_MS = 99_999_999;
/** Between TERM and KILL. */
const GRACE_MS = 20_000;
const KILL_LIMIT_MS = 45_000;
const SIGTERM = 15;
const SIGKILL = 9;

export interface HostEdge {
  readonly channel: Channel;
  readonly places: HostPlaces;
  readonly outputs: ContainerOutputs;
  /** Whether systemd makes the control groups of this machine. */
  readonly systemdCgroup: boolean;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * Host and bootstrap containers in containerd: a record, a snapshot and a task, all of one id. The record is made first and
 * removed last, so whoever looks after a crash finds by it what else there is; and containerd's garbage collection spares
 * the snapshot that a record names.
 */
export class HostContainerd {
  readonly #edge: HostEdge;
  readonly imageEdge: ImageEdge;
  readonly #containers: Client<typeof Containers>;
  readonly #tasks: Client<typeof Tasks>;
  readonly #snapshots: Client<typeof Snapshots>;
  readonly #events: Client<typeof Events>;

  /** `keptImages`: those that must stay when the disk is full. */
  constructor(edge: HostEdge, keptImages: WantedImages) {
    this.#edge = edge;
    const scope = { namespace: NAMESPACE };
    const { channel, places, log, signal } = edge;
    const images = createClient(ImageService, channel);
    const runtime = createClient(RuntimeService, channel);
    const collector = new ImageCollector(
      { images, runtime, budgetFile: places.imageBudget, log, signal },
      keptImages,
    );
    const pulls = new Pulls(MAX_PULLS);
    this.imageEdge = { images, puller: new Puller(channel), pulls, collector, log, signal };
    this.#containers = createClient(Containers, edge.channel, scope);
    this.#tasks = createClient(Tasks, edge.channel, scope);
    this.#snapshots = createClient(Snapshots, edge.channel, scope);
    this.#events = createClient(Events, edge.channel, scope);
  }

  /** What of this kind there is. */
  async list(kind: HostKind): Promise<ActualHost[]> {
    const { signal } = this.#edge;
    const options = { signal, act: "list host containers" };
    const filters = [`labels."${LABEL.kind}"==${kind}`];
    const { containers } = await this.#containers.list({ filters }, options);
    if (containers.length === 0) return [];
    const { tasks } = await this.#tasks.list({}, options);
    const byId = new Map(tasks.map((task) => [task.id, task]));
    return containers.map(({ id, labels, image, updatedAt }) => {
      const task = byId.get(id);
      return {
        name: labels[LABEL.name] ?? "",
        hash: labels[LABEL.hash] ?? "",
        attempt: Number(labels[LABEL.attempt] ?? 0),
        imageId: image,
        startedAtMs: msOf(updatedAt),
        ...(task === undefined ? {} : { task: taskOf(task) }),
      };
    });
  }

  /** Runs it anew from the image; what is left of a former run goes. */
  async run(
    container: HostContainer,
    { imageId, attempt }: { readonly imageId: string; readonly attempt: number },
  ): Promise<void> {
    const { channel, places, outputs, systemdCgroup, signal } = this.#edge;
    const id = idOf(container);
    const options = { signal, act: `run container "${id}"`, timeoutMs: CREATE_LIMIT_MS };
    await this.#endTask(id);
    const image = await readImage(channel, NAMESPACE, imageId);
    await prepareStorage(container, places);
    await outputs.open(id);
    const record = {
      id,
      labels: {
        [LABEL.kind]: container.kind,
        [LABEL.name]: container.name,
        [LABEL.hash]: container.hash,
        [LABEL.attempt]: String(attempt),
      },
      image: imageId,
      runtime: { name: RUNTIME, options: runcOptions({ root: RUNC_ROOT, systemdCgroup }) },
      snapshotter: SNAPSHOTTER,
      snapshotKey: id,
    };
    await ignore("already-exists", this.#containers.create({ container: record }, options));
    const rootfs = await this.#freshSnapshot(id, image.chainId);
    const spec = await specOf(container, { image, rootfs, systemdCgroup }, places);
    // Whole: the one that is there may be of another boot.
    await this.#containers.update({ container: { ...record, spec: encodeSpec(spec) } }, options);
    const { stdout, stderr } = outputPaths(places, id);
    await this.#tasks.create({ containerId: id, rootfs, stdout, stderr }, options);
    await this.#tasks.start({ containerId: id }, options);
  }

  /** Resolves with the exit code when its task has ended. */
  async wait(id: HostId): Promise<number> {
    const { signal } = this.#edge;
    const options = { signal, act: `wait for container "${id}"`, timeoutMs: WAIT_LIMIT_MS };
    return (await this.#tasks.wait({ containerId: id }, options)).exitStatus;
  }

  /** Asks it to end, ends it, and leaves nothing of it but its storage. */
  async remove(id: HostId): Promise<void> {
    const options = { signal: this.#edge.signal, act: `remove container "${id}"` };
    await this.#endTask(id);
    await this.#edge.outputs.remove(id);
    await ignore(
      "not-found",
      this.#snapshots.remove({ snapshotter: SNAPSHOTTER, key: id }, options),
    );
    await ignore("not-found", this.#containers.delete({ id }, options));
  }

  /** Calls back at each event of a task, for as long as the signal lets it and the connection holds. */
  async listen(onEvent: () => void): Promise<void> {
    const { signal } = this.#edge;
    const filters = [`namespace==${NAMESPACE},topic~="^/tasks/"`];
    for await (const _ of this.#events.subscribe({ filters }, { signal })) onEvent();
  }

  async #freshSnapshot(key: string, parent: string) {
    const options = { signal: this.#edge.signal, act: `make the root of container "${key}"` };
    await ignore("not-found", this.#snapshots.remove({ snapshotter: SNAPSHOTTER, key }, options));
    const request = { snapshotter: SNAPSHOTTER, key, parent };
    return (await this.#snapshots.prepare(request, options)).mounts;
  }

  async #endTask(containerId: HostId): Promise<void> {
    const { signal } = this.#edge;
    const options = { signal, act: `stop container "${containerId}"` };
    const found = await ignore("not-found", this.#tasks.get({ containerId }, options));
    if (found === undefined) return;
    const status = found.process?.status;
    if (status === TaskStatus.RUNNING) await this.#askToEnd(containerId);
    if (status !== TaskStatus.STOPPED) await this.#kill(containerId);
    const slow = { ...options, timeoutMs: KILL_LIMIT_MS };
    await ignore("not-found", this.#tasks.delete({ containerId }, slow));
  }

  async #askToEnd(containerId: HostId): Promise<void> {
    const options = { signal: this.#edge.signal, act: `ask container "${containerId}" to end` };
    const ended = this.#tasks.wait({ containerId }, { ...options, timeoutMs: GRACE_MS });
    // Awaited below; until then its failure is nobody's.
    ended.catch(() => undefined);
    await ignore("not-found", this.#tasks.kill({ containerId, signal: SIGTERM }, options));
    try {
      await ended;
    } catch (error) {
      if (!isStatus(error, "deadline-exceeded", "not-found")) throw error;
    }
  }

  async #kill(containerId: HostId): Promise<void> {
    const options = { signal: this.#edge.signal, act: `kill container "${containerId}"` };
    const ended = this.#tasks.wait({ containerId }, { ...options, timeoutMs: KILL_LIMIT_MS });
    ended.catch(() => undefined);
    const kill = { containerId, signal: SIGKILL, all: true };
    await ignore("not-found", this.#tasks.kill(kill, options));
    await ignore("not-found", ended);
  }
}

function taskOf({ status, pid, exitStatus, exitedAt }: TaskFields): ActualTask {
  if (status === TaskStatus.STOPPED)
    return { state: "stopped", pid, exit: { code: exitStatus, atMs: msOf(exitedAt) } };
  return { state: status === TaskStatus.CREATED ? "created" : "running", pid };
}

interface TaskFields {
  readonly status: TaskStatus;
  readonly pid: number;
  readonly exitStatus: number;
  readonly exitedAt?: Time | undefined;
}

interface Time {
  readonly seconds: bigint;
  readonly nanos: number;
}

function msOf(time: Time | undefined): number {
  return time === undefined ? 0 : Number(time.seconds) * 1000 + Math.floor(time.nanos / 1_000_000);
}

async function ignore<Answer>(
  status: "already-exists" | "not-found",
  call: Promise<Answer>,
): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isStatus(error, status)) return undefined;
    throw error;
  }
}
