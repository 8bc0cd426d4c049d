import type { Chunk } from "@ballast/updates";

/** Of a batch, packed and unpacked. */
const BATCH_BYTES = 512 * 1024;

/** A chunk and where it lies in its image. */
export interface PlacedChunk extends Chunk {
  readonly offset: number;
}

/** Chunks that follow each other in image and file, so that they are unpacked and written at once: a hop to a thread costs. */
export interface Batch {
  readonly chunks: readonly PlacedChunk[];
  readonly offset: number;
  readonly sizeBytes: number;
  readonly frameOffset: number;
  readonly frameBytes: number;
}

/** Batches of at most 512 KiB, but for a chunk that is larger by itself. Pure. */
export function batchesOf<Placed extends PlacedChunk>(
  chunks: readonly Placed[],
): (Batch & { readonly chunks: readonly Placed[] })[] {
  const groups: { chunks: Placed[]; sizeBytes: number; frameBytes: number }[] = [];
  for (const chunk of chunks) {
    const { offset, size_bytes: sizeBytes, frame_bytes: frameBytes } = chunk;
    const group = groups.at(-1);
    const before = group?.chunks.at(-1);
    const isNext = before !== undefined && before.offset + before.size_bytes === offset;
    const fits =
      group !== undefined &&
      group.sizeBytes + sizeBytes <= BATCH_BYTES &&
      group.frameBytes + frameBytes <= BATCH_BYTES;
    if (isNext && fits) {
      group.chunks.push(chunk);
      group.sizeBytes += sizeBytes;
      group.frameBytes += frameBytes;
    } else groups.push({ chunks: [chunk], sizeBytes, frameBytes });
  }
  return groups.map((group) => ({
    ...group,
    offset: group.chunks[0]?.offset ?? 0,
    frameOffset: group.chunks[0]?.frame_offset ?? 0,
  }));
}
