import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, isStatus, type Channel, type Client } from "@ballast/containerd";
import type { ImageService } from "@ballast/containerd/cri";
import { Content, Images, Leases, WriteAction } from "@ballast/containerd/services";
import { HostContainersError } from "../errors.ts";
import { CRI_NAMESPACE } from "./cri-namespace.ts";
import { readOciArchive, type ArchivedImage } from "./oci-archive.ts";

/** As containerd's configuration names it (`sandbox_image`). Another content gets another number. */
const REFERENCE = "ballast.local/pause:1";
/** Part of the image of this machine, which is verified as a whole. */
const ARCHIVE = "/usr/lib/ballast/pause.oci.tar";
const LEASE = "ballast-pause";

const SEEN_LIMIT_MS = 10_000;
const POLL_MS = 50;

/** Sees to it that containerd has what holds the namespaces of a workload. Nothing of it comes over a network. */
export class PauseImage {
  readonly #channel: Channel;
  readonly #images: Client<typeof ImageService>;
  readonly #signal: AbortSignal;
  #pending: Promise<void> | undefined;

  constructor(channel: Channel, images: Client<typeof ImageService>, signal: AbortSignal) {
    this.#channel = channel;
    this.#images = images;
    this.#signal = signal;
  }

  /** Many containers may begin at once: it is imported by one of them. */
  ensure(): Promise<void> {
    this.#pending ??= this.#ensure().finally(() => {
      this.#pending = undefined;
    });
    return this.#pending;
  }

  async #ensure(): Promise<void> {
    if (await this.#isThere()) return;
    const image = readOciArchive(await readFile(ARCHIVE), ARCHIVE);
    const scope = { namespace: CRI_NAMESPACE, lease: LEASE };
    const leases = createClient(Leases, this.#channel, { namespace: CRI_NAMESPACE });
    const options = { signal: this.#signal, act: `import "${REFERENCE}"` };
    // Without it containerd would collect the first part before the last is there.
    await ignore("already-exists", leases.create({ id: LEASE }, options));
    await this.#write(image, scope);
    await this.#name(image);
    await leases.delete({ id: LEASE }, options);
    // The CRI hears of a new image by an event.
    const deadlineMs = performance.now() + SEEN_LIMIT_MS;
    while (!(await this.#isThere())) {
      if (performance.now() > deadlineMs)
        throw new HostContainersError(
          "host-containers.bad-image",
          `Cannot import "${REFERENCE}": containerd does not see it`,
        );
      await sleep(POLL_MS, undefined, { signal: this.#signal });
    }
  }

  async #isThere(): Promise<boolean> {
    const options = { signal: this.#signal, act: `look for "${REFERENCE}"` };
    const answer = await this.#images.imageStatus({ image: { image: REFERENCE } }, options);
    return answer.image !== undefined;
  }

  async #write({ target, parts, blobs }: ArchivedImage, scope: Scope): Promise<void> {
    const content = createClient(Content, this.#channel, scope);
    // What a manifest names is kept with it only if its labels say so.
    const kept = Object.fromEntries(
      parts.map((digest, index) => [`containerd.io/gc.ref.content.${index}`, digest]),
    );
    for (const digest of [...parts, target.digest]) {
      const data = blobs.get(digest) ?? new Uint8Array();
      const labels = digest === target.digest ? kept : {};
      const total = BigInt(data.length);
      const request = { action: WriteAction.COMMIT, ref: digest, expected: digest, total, data };
      const options = { signal: this.#signal, act: `write "${digest}"` };
      await ignore(
        "already-exists",
        (async () => {
          for await (const _ of content.write(only({ ...request, labels }), options));
        })(),
      );
    }
  }

  async #name({ target }: ArchivedImage): Promise<void> {
    const images = createClient(Images, this.#channel, { namespace: CRI_NAMESPACE });
    const { mediaType, digest, size } = target;
    const image = {
      name: REFERENCE,
      // Whoever looks for images that nobody uses leaves it.
      labels: { "io.cri-containerd.image": "managed", "io.cri-containerd.pinned": "pinned" },
      target: { mediaType, digest, size: BigInt(size) },
    };
    const options = { signal: this.#signal, act: `name image "${REFERENCE}"` };
    await ignore("already-exists", images.create({ image }, options));
  }
}

interface Scope {
  readonly namespace: string;
  readonly lease: string;
}

async function* only<Request>(request: Request): AsyncGenerator<Request> {
  yield request;
}

async function ignore(status: "already-exists", call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isStatus(error, status)) throw error;
  }
}
