import { giveBack } from "./give-back.ts";
import type { Partition } from "./partition.ts";

/** A part of a partition, in bytes. */
export interface Span {
  readonly offset: number;
  readonly sizeBytes: number;
}

export interface Piece<S extends Span> {
  readonly span: S;
  /** Good until the next piece is asked for. */
  readonly bytes: Buffer;
  /** Why the disk did not give them; then the bytes are nothing. */
  readonly fault: unknown;
}

/** Reads one span while the caller looks at the one before, in two buffers that are used in turn. */
export async function* readAhead<S extends Span>(
  partition: Partition,
  spans: readonly S[],
): AsyncIterable<Piece<S>> {
  const sizeBytes = spans.reduce((most, span) => Math.max(most, span.sizeBytes), 0);
  let spare = Buffer.allocUnsafeSlow(sizeBytes);
  let reading: Promise<Piece<S>> | undefined;
  let buffer = Buffer.allocUnsafeSlow(sizeBytes);
  try {
    for (const [index, span] of spans.entries()) {
      const piece = await (reading ?? read(partition, span, buffer));
      [buffer, spare] = [spare, buffer];
      const next = spans[index + 1];
      reading = next === undefined ? undefined : read(partition, next, buffer);
      yield piece;
    }
  } finally {
    // The caller may have gone early; the partition is not closed under it.
    await reading;
    giveBack(buffer);
    giveBack(spare);
  }
}

/** Never rejects: a fault of a piece that nobody takes any more is none. */
async function read<S extends Span>(
  partition: Partition,
  span: S,
  buffer: Buffer,
): Promise<Piece<S>> {
  const bytes = buffer.subarray(0, span.sizeBytes);
  try {
    await partition.read(span.offset, bytes);
    return { span, bytes, fault: undefined };
  } catch (fault) {
    return { span, bytes, fault };
  }
}
