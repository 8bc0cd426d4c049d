import { hasCode } from "@ballast/errors";
import type { Snapshot } from "@ballast/tuf";
import { joinFrames } from "@ballast/updates";
import { batchesOf, type PlacedChunk } from "./batch.ts";
import { BatchCutter } from "./batch-cutter.ts";
import { FewAtOnce } from "./few-at-once.ts";
import { giveBack } from "./give-back.ts";
import type { ImageTransfer } from "./image-transfer.ts";
import type { Partition } from "./partition.ts";
import type { ProgressMeter } from "./progress.ts";
import type { RateLimit } from "./rate-limit.ts";
import { UpdateAgentError } from "../errors.ts";
import { unpackBatch } from "./unpack.ts";

/** Batches that are unpacked and written while the next one comes. */
const BATCHES_AT_ONCE = 2;

/** What is to be fetched, of one image. */
export interface Missing {
  readonly transfer: ImageTransfer;
  readonly chunks: readonly PlacedChunk[];
  readonly destination: Partition;
}

export function fetchBytesOf({ chunks }: Missing): number {
  return joinFrames(chunks).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** Fetches chunks by ranges; from a server that has none, whole files. Each chunk is verified before it is written. */
export class MissingFetcher {
  readonly #snapshot: Snapshot;
  readonly #meter: ProgressMeter;
  readonly #rateLimit: RateLimit;
  readonly #signal: AbortSignal;
  #hasRanges = true;

  constructor(snapshot: Snapshot, meter: ProgressMeter, rateLimit: RateLimit, signal: AbortSignal) {
    this.#snapshot = snapshot;
    this.#meter = meter;
    this.#rateLimit = rateLimit;
    this.#signal = signal;
  }

  async fetch(missing: Missing): Promise<void> {
    if (missing.chunks.length === 0) return;
    const { target } = missing.transfer.image;
    const writes = new FewAtOnce(BATCHES_AT_ONCE);
    try {
      let cutter = new BatchCutter(batchesOf(missing.chunks));
      if (this.#hasRanges && !(await this.#fetchRanges(missing, cutter, writes))) {
        this.#hasRanges = false;
        cutter = new BatchCutter(cutter.left());
      }
      if (!this.#hasRanges) {
        const { sizeBytes } = await this.#snapshot.target(target);
        this.#meter.grow(sizeBytes - fetchBytesOf(missing));
        // To its end, though all may be there before: only then is it known that the file is the one that is signed.
        const bytes = await this.#snapshot.stream(target, this.#signal);
        await this.#take(bytes, cutter, missing, writes);
      }
      await writes.finish();
      const left = cutter.left().length;
      if (left > 0)
        throw new UpdateAgentError(
          "update-agent.bad-frame",
          `Cannot take all of "${target}": it ended before ${left} of its parts`,
        );
    } finally {
      await writes.settle();
    }
  }

  /** False: the server has no ranges. */
  async #fetchRanges(missing: Missing, cutter: BatchCutter, writes: FewAtOnce): Promise<boolean> {
    const { target } = missing.transfer.image;
    try {
      for (const range of joinFrames(missing.chunks)) {
        cutter.moveTo(range.offset);
        const bytes = await this.#snapshot.part(target, range, this.#signal);
        await this.#take(bytes, cutter, missing, writes);
      }
      return true;
    } catch (error) {
      if (hasCode(error, "tuf.no-ranges")) return false;
      throw error;
    }
  }

  async #take(
    bytes: AsyncIterable<Buffer>,
    cutter: BatchCutter,
    { destination, transfer }: Missing,
    writes: FewAtOnce,
  ): Promise<void> {
    for await (const part of this.#rateLimit.over(bytes, this.#signal)) {
      for (const [batch, packed] of cutter.push(part))
        await writes.add(async () => {
          const image = await unpackBatch(packed, batch, transfer.image.target);
          giveBack(packed);
          await destination.write(batch.offset, image);
          giveBack(image);
        });
      this.#meter.add(part.length);
    }
  }
}
