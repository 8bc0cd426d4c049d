import { HEAD_BYTES, parseRawLine } from "./log-line.ts";

const CHUNK_BYTES = 64 * 1024;

export interface Tail {
  /** Where its last lines begin, in bytes. */
  readonly offset: number;
  /** How many there are, never more than was asked for. */
  readonly lines: number;
}

/** Finds where the last lines of a log file begin; it is read from its end, no more of it than needed. */
export async function findTail(
  read: (offset: number, bytes: number) => Promise<Buffer>,
  sizeBytes: number,
  wanted: number,
): Promise<Tail> {
  let lines = 0;
  let offset = sizeBytes;
  let chunkStart = sizeBytes;
  // The head of a line may lie on the border of two chunks.
  let after: Buffer = Buffer.alloc(0);
  while (chunkStart > 0) {
    const length = Math.min(CHUNK_BYTES, chunkStart);
    chunkStart -= length;
    const chunk = await read(chunkStart, length);
    const bytes = Buffer.concat([chunk, after]);
    for (const start of lineStarts(chunk, chunkStart === 0)) {
      // What follows the last line's end is no line.
      if (chunkStart + start === sizeBytes) continue;
      const isEnd = !parseRawLine(headAt(bytes, start)).isPartial;
      if (isEnd && lines === wanted) return { offset, lines };
      if (isEnd) lines += 1;
      offset = chunkStart + start;
    }
    after = bytes.subarray(0, HEAD_BYTES);
  }
  return { offset, lines };
}

function headAt(bytes: Buffer, start: number): Buffer {
  const head = bytes.subarray(start, start + HEAD_BYTES);
  const end = head.indexOf(10);
  return end === -1 ? head : head.subarray(0, end);
}

/** Where lines begin, the last one first. */
function* lineStarts(chunk: Buffer, isFirst: boolean): Generator<number> {
  let end = chunk.lastIndexOf(10);
  while (end !== -1) {
    yield end + 1;
    // With an offset below 0 the search would begin at the end.
    end = end === 0 ? -1 : chunk.lastIndexOf(10, end - 1);
  }
  if (isFirst) yield 0;
}
