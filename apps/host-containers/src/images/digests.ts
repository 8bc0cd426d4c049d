import type { Client } from "@ballast/containerd";
import type { ImageService } from "@ballast/containerd/cri";
import type { ActualContainer } from "../workloads/workload.ts";

/** What the registry calls the images that containers were made from. An image's id never means another one. */
export class Digests {
  readonly #images: Client<typeof ImageService>;
  readonly #signal: AbortSignal;
  #known = new Map<string, string>();

  constructor(images: Client<typeof ImageService>, signal: AbortSignal) {
    this.#images = images;
    this.#signal = signal;
  }

  /** By id of the image; nothing for one that containerd has no more, or that no registry gave. */
  async of(
    containers: readonly Pick<ActualContainer, "imageId">[],
  ): Promise<ReadonlyMap<string, string>> {
    const ids = new Set(containers.map(({ imageId }) => imageId));
    const known = new Map([...this.#known].filter(([id]) => ids.has(id)));
    for (const id of ids) {
      if (known.has(id)) continue;
      const options = { signal: this.#signal, act: `read image "${id}"` };
      const { image } = await this.#images.imageStatus({ image: { image: id } }, options);
      const digest = image?.repoDigests[0]?.split("@")[1];
      if (digest !== undefined) known.set(id, digest);
    }
    this.#known = known;
    return known;
  }
}
