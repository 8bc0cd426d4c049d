import { readFile, statfs } from "node:fs/promises";
import type { Client } from "@ballast/containerd";
import type { ImageService, RuntimeService } from "@ballast/containerd/cri";
import { errorFields, type Log } from "@ballast/service";
import {
  chooseImages,
  rememberImages,
  SPARED_MS,
  type ImageMemory,
  type StoredImage,
} from "./choose-images.ts";
import {
  DEFAULT_BUDGET,
  excessBytes,
  parseBudget,
  type DiskUse,
  type ImageBudget,
} from "./image-budget.ts";

/** Layers of a large image are many files. */
const REMOVE_LIMIT_MS = 120_000;

export interface CollectorEdge {
  readonly images: Client<typeof ImageService>;
  readonly runtime: Client<typeof RuntimeService>;
  /** The file with the budget, as the API server renders it. */
  readonly budgetFile: string;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** References and ids of images that must stay; nothing while that is not known. */
export type WantedImages = () => readonly string[] | undefined;

/** Keeps what images take of the disk within the budget, by removing those that no container uses or wants. */
export class ImageCollector {
  readonly #edge: CollectorEdge;
  readonly #wanted: WantedImages;
  #memories = new Map<string, ImageMemory>();
  #pending: Promise<unknown> = Promise.resolve();

  constructor(edge: CollectorEdge, wanted: WantedImages) {
    this.#edge = edge;
    this.#wanted = wanted;
  }

  /** Removes what is beyond the budget, if anything is; answers how many images went. */
  collect(): Promise<number> {
    return this.#inTurn(() => this.#collect(false));
  }

  /** The disk is full: removes every image that nobody uses. */
  collectAll(): Promise<number> {
    return this.#inTurn(() => this.#collect(true));
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#pending.then(work);
    this.#pending = result.catch(() => undefined);
    return result;
  }

  async #collect(isEmergency: boolean): Promise<number> {
    const { images: client, log, signal } = this.#edge;
    if (this.#wanted() === undefined) return 0;
    const options = { signal, act: "list images" };
    const images = (await client.listImages({}, options)).images.map(
      ({ id, repoTags, repoDigests, size, pinned }) => ({
        id,
        name: repoTags[0] ?? repoDigests[0] ?? id,
        sizeBytes: Number(size),
        isPinned: pinned,
      }),
    );
    const used = await this.#used();
    const nowMs = performance.now();
    this.#memories = rememberImages(this.#memories, images, used, nowMs);
    const use = await this.#diskUse(images);
    const excess = isEmergency ? Infinity : excessBytes(await this.#budget(), use);
    const chosen = chooseImages({
      ...{ images, used, memories: this.#memories, imageBytes: use.imageBytes },
      ...{ excessBytes: excess, nowMs, sparedMs: isEmergency ? 0 : SPARED_MS },
    });
    if (excess > 0 && chosen.length === 0)
      log.warn("Images take more than their budget, and all are used", { ...use });
    let count = 0;
    for (const image of chosen) count += (await this.#remove(image)) ? 1 : 0;
    return count;
  }

  async #remove({ id, name, sizeBytes }: StoredImage): Promise<boolean> {
    const { images, log, signal } = this.#edge;
    // Asked again: settings may have come to want it.
    if ((await this.#used()).has(id)) return false;
    try {
      const options = { signal, act: `remove image "${name}"`, timeoutMs: REMOVE_LIMIT_MS };
      await images.removeImage({ image: { image: id } }, options);
      log.notice("Removed an image that nothing uses", { image: name, bytes: sizeBytes });
      return true;
    } catch (error) {
      if (signal.aborted) throw error;
      log.error("Cannot remove an image", { image: name, ...errorFields(error) });
      return false;
    }
  }

  /** Ids of images that a container has, whoever made it, or that the settings want. */
  async #used(): Promise<Set<string>> {
    const { images, runtime, signal } = this.#edge;
    const { containers } = await runtime.listContainers({}, { signal, act: "list containers" });
    const used = new Set(containers.map(({ imageRef }) => imageRef));
    for (const reference of new Set(this.#wanted())) {
      const options = { signal, act: `look for image "${reference}"` };
      const { image } = await images.imageStatus({ image: { image: reference } }, options);
      if (image !== undefined) used.add(image.id);
    }
    return used;
  }

  async #diskUse(images: readonly StoredImage[]): Promise<DiskUse> {
    const { images: client, signal } = this.#edge;
    const { imageFilesystems } = await client.imageFsInfo({}, { signal, act: "measure images" });
    const [found] = imageFilesystems;
    const { blocks, bfree, bavail, bsize } = await statfs(found?.fsId?.mountpoint ?? "/");
    const packedBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return {
      // What only root may use counts for nothing, as df counts.
      totalBytes: (blocks - bfree + bavail) * bsize,
      usedBytes: (blocks - bfree) * bsize,
      imageBytes: packedBytes + Number(found?.usedBytes?.value ?? 0n),
    };
  }

  async #budget(): Promise<ImageBudget> {
    const { budgetFile, log } = this.#edge;
    try {
      const file: unknown = JSON.parse(await readFile(budgetFile, "utf8"));
      const budget = typeof file === "string" ? parseBudget(file) : undefined;
      if (budget !== undefined) return budget;
      log.warn("The budget of images is not one", { file: budgetFile });
    } catch (error) {
      log.warn("Cannot read the budget of images", errorFields(error));
    }
    return DEFAULT_BUDGET;
  }
}
