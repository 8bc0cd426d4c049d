import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, isStatus, type Channel, type Client } from "@ballast/containerd";
import { ImageService } from "@ballast/containerd/cri";
import { Content, Leases } from "@ballast/containerd/services";
import { HostContainersError } from "../errors.ts";
import { CRI_NAMESPACE } from "./cri-namespace.ts";
import { isDiskFull } from "./pull-fault.ts";

const LEASE_PREFIX = "ballast-pull-";
/** If nobody else does, containerd takes away what a pull left after this time. */
const KEPT_MS = 24 * 3_600_000;
const EXPIRES = "containerd.io/gc.expire";
const WATCH_MS = 1000;

export interface PullOptions {
  readonly act: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Pulls images through the CRI, under a lease of its own each: what a pull that was cut has is there for the next one, which
 * asks for the rest only. containerd alone would throw it away.
 */
export class Puller {
  readonly #channel: Channel;
  readonly #leases: Client<typeof Leases>;
  readonly #content: Client<typeof Content>;
  /** What there is besides pulls that go on; not known before it was asked for. */
  #left: Set<string> | undefined;
  readonly #active = new Set<string>();

  constructor(channel: Channel) {
    this.#channel = channel;
    this.#leases = createClient(Leases, channel, { namespace: CRI_NAMESPACE });
    this.#content = createClient(Content, channel, { namespace: CRI_NAMESPACE });
  }

  /** Returns the image's id. */
  async pull(reference: string, options: PullOptions): Promise<string> {
    const { signal, act, timeoutMs } = options;
    const id = leaseOf(reference);
    const images = createClient(ImageService, this.#channel, {
      namespace: CRI_NAMESPACE,
      lease: id,
    });
    await this.#lease(id, options);
    this.#active.add(id);
    const watching = new AbortController();
    const watched = AbortSignal.any([signal, watching.signal]);
    const watch = this.#watch(watching, act);
    let isSpoilt = true;
    try {
      const { imageRef } = await images.pullImage(
        { image: { image: reference } },
        { signal: watched, act, timeoutMs },
      );
      return imageRef;
    } catch (error) {
      isSpoilt = isOfNoUse(error);
      throw error;
    } finally {
      watching.abort();
      await watch;
      this.#active.delete(id);
      // What had its image now is the image's, and what is wrong must be asked for from its beginning.
      // A lease that stays in spite of this ends by itself.
      if (isSpoilt) await this.#remove(id).catch(() => undefined);
      else this.#left?.add(id);
    }
  }

  /** Takes away what pulls left of images that nobody wants any more. */
  async keepOnly(references: readonly string[], signal: AbortSignal): Promise<void> {
    this.#left ??= await this.#list(signal);
    if (this.#left.size === 0) return;
    const wanted = new Set(references.map(leaseOf));
    for (const id of this.#left)
      if (!wanted.has(id) && !this.#active.has(id)) await this.#remove(id);
  }

  async #lease(id: string, { act, signal }: PullOptions): Promise<void> {
    const labels = { [EXPIRES]: new Date(Date.now() + KEPT_MS).toISOString() };
    try {
      await this.#leases.create({ id, labels }, { act, signal });
    } catch (error) {
      if (!isStatus(error, "already-exists")) throw error;
    }
  }

  async #list(signal: AbortSignal): Promise<Set<string>> {
    const { leases } = await this.#leases.list({}, { act: "list pulls", signal });
    return new Set(leases.map(({ id }) => id).filter((id) => id.startsWith(LEASE_PREFIX)));
  }

  async #remove(id: string): Promise<void> {
    this.#left?.delete(id);
    try {
      // containerd answers when all is gone: the next pull must not find it.
      await this.#leases.delete({ id, sync: true }, { act: `forget pull "${id}"` });
    } catch (error) {
      if (!isStatus(error, "not-found")) throw error;
    }
  }

  /** containerd writes whatever comes, until the disk is full: a layer that is longer than its image says ends the pull. */
  async #watch(pull: AbortController, act: string): Promise<void> {
    while (!pull.signal.aborted) {
      await sleep(WATCH_MS, undefined, { signal: pull.signal }).catch(() => undefined);
      if (pull.signal.aborted) return;
      const { statuses } = await this.#content
        .listStatuses({}, { act, signal: pull.signal })
        // One look less; the pull itself says what is wrong.
        .catch(() => ({ statuses: [] }));
      const tooLong = statuses.find(({ offset, total }) => total > 0n && offset > total);
      if (tooLong === undefined) continue;
      pull.abort(
        new HostContainersError(
          "host-containers.bad-image",
          `Cannot ${act}: the registry sends more of "${tooLong.ref}" than its ${tooLong.total} bytes`,
        ),
      );
    }
  }
}

function leaseOf(reference: string): string {
  return LEASE_PREFIX + createHash("sha256").update(reference).digest("hex").slice(0, 16);
}

/** What came is not what was asked for: to go on with it would fail for ever. */
function isOfNoUse(error: unknown): boolean {
  return (
    error instanceof HostContainersError ||
    // It may fit when other things have gone; until then its part must not fill the disk.
    isDiskFull(String(error)) ||
    /failed commit on ref|failed precondition/.test(String(error))
  );
}
