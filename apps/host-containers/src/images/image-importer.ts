import { createHash, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient, isStatus, type Channel, type Client } from "@ballast/containerd";
import type { ImageService } from "@ballast/containerd/cri";
import { Content, Images, Leases, WriteAction } from "@ballast/containerd/services";
import { HostContainersError } from "../errors.ts";
import { CRI_NAMESPACE } from "./cri-namespace.ts";
import { OciArchive, type ArchivedImage, type OciDescriptor } from "./oci-archive.ts";

const SEEN_LIMIT_MS = 10_000;
const POLL_MS = 50;
/** For one part; a large layer on a slow disk takes minutes. */
const WRITE_LIMIT_MS = 10 * 60_000;

export interface ImportRequest {
  /** Path of an OCI archive. */
  readonly archive: string;
  /** The image that is taken from it. */
  readonly reference: string;
  /** Nobody removes it then. */
  readonly isPinned: boolean;
}

/** Brings images of archives into containerd, as the CRI would find them after a pull. Nothing comes over a network. */
export class ImageImporter {
  readonly #channel: Channel;
  readonly #images: Client<typeof ImageService>;
  readonly #signal: AbortSignal;
  readonly #pending = new Map<string, Promise<void>>();

  constructor(channel: Channel, images: Client<typeof ImageService>, signal: AbortSignal) {
    this.#channel = channel;
    this.#images = images;
    this.#signal = signal;
  }

  /** Many containers may begin at once: one of them imports. Nothing is done when the image is there. */
  ensure(request: ImportRequest): Promise<void> {
    const { reference } = request;
    const pending =
      this.#pending.get(reference) ??
      this.#ensure(request).finally(() => this.#pending.delete(reference));
    this.#pending.set(reference, pending);
    return pending;
  }

  async #ensure(request: ImportRequest): Promise<void> {
    const { archive: path, reference } = request;
    if (await this.#isThere(reference)) return;
    const options = { signal: this.#signal, act: `import "${reference}"` };
    const lease = `ballast-import-${createHash("sha256").update(reference).digest("hex").slice(0, 16)}`;
    const leases = createClient(Leases, this.#channel, { namespace: CRI_NAMESPACE });
    await using archive = await OciArchive.open(path);
    const image = await archive.image(reference);
    // Without it containerd would collect the first part before the last is there.
    await ignoreExisting(leases.create({ id: lease }, options));
    try {
      await this.#write(archive, image, lease);
      await this.#name(image, request);
    } finally {
      // What is named now is the image's; of an import that failed nothing is left when containerd answers.
      await leases.delete({ id: lease, sync: true }, { act: options.act });
    }
    // The CRI hears of a new image by an event.
    const deadlineMs = performance.now() + SEEN_LIMIT_MS;
    while (!(await this.#isThere(reference))) {
      if (performance.now() > deadlineMs)
        throw new HostContainersError(
          "host-containers.bad-image",
          `Cannot import "${reference}": containerd does not see it`,
        );
      await sleep(POLL_MS, undefined, { signal: this.#signal });
    }
  }

  async #isThere(reference: string): Promise<boolean> {
    const options = { signal: this.#signal, act: `look for "${reference}"` };
    const answer = await this.#images.imageStatus({ image: { image: reference } }, options);
    return answer.image !== undefined;
  }

  async #write(
    archive: OciArchive,
    { target, parts }: ArchivedImage,
    lease: string,
  ): Promise<void> {
    const content = createClient(Content, this.#channel, { namespace: CRI_NAMESPACE, lease });
    // What a manifest names is kept with it only if its labels say so.
    const kept = Object.fromEntries(
      parts.map(({ digest }, index) => [`containerd.io/gc.ref.content.${index}`, digest]),
    );
    for (const part of [...parts, target]) {
      const options = {
        ...{ signal: this.#signal, act: `write "${part.digest}"`, timeoutMs: WRITE_LIMIT_MS },
      };
      const requests = writeRequests(archive, part, part === target ? kept : {});
      await ignoreExisting(
        (async () => {
          for await (const _ of content.write(requests, options));
        })(),
      );
    }
  }

  async #name({ target }: ArchivedImage, { reference, isPinned }: ImportRequest): Promise<void> {
    const images = createClient(Images, this.#channel, { namespace: CRI_NAMESPACE });
    const { mediaType, digest, size } = target;
    const image = {
      name: reference,
      labels: {
        "io.cri-containerd.image": "managed",
        // Whoever looks for images that nobody uses leaves it.
        ...(isPinned ? { "io.cri-containerd.pinned": "pinned" } : {}),
      },
      target: { mediaType, digest, size: BigInt(size) },
    };
    const options = { signal: this.#signal, act: `name image "${reference}"` };
    await ignoreExisting(images.create({ image }, options));
  }
}

/** containerd compares the digest of what came when it is told that this was all. */
async function* writeRequests(
  archive: OciArchive,
  part: OciDescriptor,
  labels: Readonly<Record<string, string>>,
) {
  const { digest: expected, size } = part;
  // An import that was cut may have left the beginning of one under any other name.
  const common = { ref: `import-${randomUUID()}`, expected, total: BigInt(size) };
  let offset = 0n;
  for await (const data of archive.read(part)) {
    yield { ...common, action: WriteAction.WRITE, offset, data };
    offset += BigInt(data.length);
  }
  yield { ...common, action: WriteAction.COMMIT, offset, labels };
}

async function ignoreExisting(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!isStatus(error, "already-exists")) throw error;
  }
}
