import type { Batch } from "./batch.ts";

/** Cuts the frames of these batches, in the order of the file, out of its bytes as they come; what lies between is dropped. */
export class BatchCutter {
  readonly #wanted: readonly Batch[];
  #next = 0;
  #position = 0;
  #parts: Buffer[] = [];
  #partsBytes = 0;

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

  /** Batches that are complete with these bytes, and their frames. */
  *push(bytes: Buffer): Iterable<readonly [Batch, Buffer]> {
    let rest = bytes;
    while (rest.length > 0) {
      const batch = this.#wanted[this.#next];
      if (batch === undefined) return;
      rest = this.#skip(rest, batch.frameOffset - this.#position);
      const part = rest.subarray(0, batch.frameBytes - this.#partsBytes);
      rest = this.#skip(rest, part.length);
      this.#parts.push(part);
      this.#partsBytes += part.length;
      if (this.#partsBytes < batch.frameBytes) continue;
      const packed = Buffer.concat(this.#parts, this.#partsBytes);
      this.#parts = [];
      this.#partsBytes = 0;
      this.#next += 1;
      yield [batch, packed];
    }
  }

  #skip(bytes: Buffer, count: number): Buffer {
    // Negative within a batch.
    const skipped = Math.min(bytes.length, Math.max(0, count));
    this.#position += skipped;
    return bytes.subarray(skipped);
  }
}
