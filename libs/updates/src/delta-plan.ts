import type { Chunk, ChunkIndex } from "./chunk-index.ts";

/** Frames that lie this near to each other are asked for at once: a request costs more than these bytes. */
const JOIN_GAP_BYTES = 64 * 1024;
/** Of one request, so that a cut loses little. */
const RANGE_MAX_BYTES = 8 * 1024 * 1024;

/** A part of the zstd file to ask for, `offset` and length in bytes. */
export interface FrameRange {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface DeltaPlan {
  /** Where in the old image each chunk of the new one is, in its order; undefined: it must come over the wire. */
  readonly sources: readonly (number | undefined)[];
  readonly ranges: readonly FrameRange[];
  /** Over the wire, gaps with it. */
  readonly fetchBytes: number;
  /** From the old image. */
  readonly reuseBytes: number;
}

/**
 * What of the new image the old one has. What is in the old place must be hashed before it is used: the index says what was
 * released, not what lies on the disk. Pure.
 */
export function planDelta(wanted: ChunkIndex, held: ChunkIndex): DeltaPlan {
  const places = placesOf(held);
  const sources = wanted.chunks.map((chunk) => places.get(keyOf(chunk)));
  const missing = wanted.chunks.filter((_, index) => sources[index] === undefined);
  const ranges = joinFrames(missing);
  return {
    sources,
    ranges,
    fetchBytes: sum(ranges.map(({ sizeBytes }) => sizeBytes)),
    reuseBytes: sum(
      wanted.chunks.map(({ size_bytes: size }, index) => (sources[index] === undefined ? 0 : size)),
    ),
  };
}

/** Ranges that cover the frames, in the order of the file. */
export function joinFrames(chunks: readonly Chunk[]): FrameRange[] {
  const ranges: { offset: number; sizeBytes: number }[] = [];
  for (const { frame_offset: offset, frame_bytes: sizeBytes } of chunks) {
    const last = ranges.at(-1);
    const end = offset + sizeBytes;
    const isNear =
      last !== undefined &&
      offset - (last.offset + last.sizeBytes) <= JOIN_GAP_BYTES &&
      end - last.offset <= RANGE_MAX_BYTES;
    if (isNear) last.sizeBytes = end - last.offset;
    else ranges.push({ offset, sizeBytes });
  }
  return ranges;
}

function placesOf({ chunks }: ChunkIndex): Map<string, number> {
  const places = new Map<string, number>();
  let offset = 0;
  for (const chunk of chunks) {
    // The first of equal ones: one place is enough.
    if (!places.has(keyOf(chunk))) places.set(keyOf(chunk), offset);
    offset += chunk.size_bytes;
  }
  return places;
}

function keyOf({ sha256, size_bytes: size }: Chunk): string {
  return `${sha256} ${size}`;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
