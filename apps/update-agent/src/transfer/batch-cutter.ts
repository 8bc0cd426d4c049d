import type { Batch } from "./batch.ts";

/** Cuts the frames of these batches, in the order of the file, out of its bytes as they come; what lies between is dropped. */
export class BatchCutter {
  readonly #wanted: readonly Batch[];
  #next = 0;
  #position = 0;
  #packed: Buffer = Buffer.alloc(0);
  #packedBytes = 0;

  constructor(wanted: readonly Batch[]) {
    this.#wanted = wanted;
  }

  /** The next bytes are those from here on. */
  moveTo(position: number): void {
    this.#position = position;
  }

  /** Batches that were not complete yet. */
  left(): readonly Batch[] {
    return this.#wanted.slice(this.#next);
  }

  /** Batches that are complete with these bytes, and their frames, each in memory of its own. */
  *push(bytes: Buffer): Iterable<readonly [Batch, Buffer]> {
    let rest = bytes;
    while (rest.length > 0) {
      const batch = this.#wanted[this.#next];
      if (batch === undefined) return;
      rest = this.#skip(rest, batch.frameOffset - this.#position);
      if (this.#packedBytes === 0) this.#packed = Buffer.allocUnsafeSlow(batch.frameBytes);
      const count = rest.copy(this.#packed, this.#packedBytes);
      rest = this.#skip(rest, count);
      this.#packedBytes += count;
      if (this.#packedBytes < batch.frameBytes) continue;
      this.#packedBytes = 0;
      this.#next += 1;
      yield [batch, this.#packed];
    }
  }

  #skip(bytes: Buffer, count: number): Buffer {
    // Negative within a batch.
    const skipped = Math.min(bytes.length, Math.max(0, count));
    this.#position += skipped;
    return bytes.subarray(skipped);
  }
}
