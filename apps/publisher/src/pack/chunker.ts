import { createHash } from "node:crypto";

export const CHUNK_LEAST_BYTES = 16 * 1024;
export const CHUNK_MOST_BYTES = 256 * 1024;
/** Boundaries are looked for behind the least, so that chunks have this much on average. */
const CHUNK_AVERAGE_BYTES = 64 * 1024;
/** The images are made of blocks of this size: what moves moves by whole ones. */
const BLOCK_BYTES = 4096;

/** One block in so many is the last of its chunk, behind the first four. */
const ODDS = (CHUNK_AVERAGE_BYTES - CHUNK_LEAST_BYTES) / BLOCK_BYTES;

/**
 * Cuts an image where its content says so: what is put in between moves no boundary but those near to it. The hash of each block
 * decides, where a rolling hash would look at every byte: file systems are made of blocks, and only whole ones move.
 */
export class Chunker {
  #held: Buffer[] = [];
  #heldBytes = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** The chunks that are complete with these bytes. */
  *push(bytes: Buffer): Iterable<Buffer> {
    let all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (all.length >= BLOCK_BYTES) {
      const block = all.subarray(0, BLOCK_BYTES);
      all = all.subarray(BLOCK_BYTES);
      this.#hold(block);
      if (this.#isOver(block)) yield this.#take();
    }
    this.#rest = all;
  }

  /** The last chunk, if there is something left. */
  *end(): Iterable<Buffer> {
    if (this.#rest.length > 0) this.#hold(this.#rest);
    this.#rest = Buffer.alloc(0);
    if (this.#heldBytes > 0) yield this.#take();
  }

  #hold(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldBytes += bytes.length;
  }

  #isOver(block: Buffer): boolean {
    if (this.#heldBytes >= CHUNK_MOST_BYTES) return true;
    return this.#heldBytes >= CHUNK_LEAST_BYTES && isBoundary(block);
  }

  #take(): Buffer {
    const chunk = Buffer.concat(this.#held, this.#heldBytes);
    this.#held = [];
    this.#heldBytes = 0;
    return chunk;
  }
}

function isBoundary(block: Buffer): boolean {
  const hash = createHash("sha256").update(block).digest();
  return hash.readUInt32BE(0) < 2 ** 32 / ODDS;
}
