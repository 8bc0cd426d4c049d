import type { LoggedRequest, WriteLog } from "./write-log.ts";

/** The bytes of a disk that are looked at. */
export interface Extent {
  readonly startBytes: number;
  readonly sizeBytes: number;
}

/** What a power cut leaves: the requests of the log that are on the medium, all before `base` among them. */
export interface CutState {
  /** So many requests had been made. */
  readonly count: number;
  /** All requests before this one are on the medium. */
  readonly base: number;
  /** Those from `base` on that are, by their place in the log. */
  readonly kept: readonly number[];
  /** Of the newest one only the first half of its sectors. */
  readonly isTorn: boolean;
}

/** A file system relies on blocks of this size, and a disk on none larger. */
const BLOCK_BYTES = 4096;

/** The same log with each write of more than a block as writes of one block: a power cut takes them one by one. */
export function splitWrites({ file, requests }: WriteLog): WriteLog {
  return { file, requests: requests.flatMap((request) => blocksOf(request)) };
}

function blocksOf(request: LoggedRequest): LoggedRequest[] {
  const { offsetBytes, lengthBytes, dataBytesAt, isDiscard } = request;
  if (isDiscard || lengthBytes <= BLOCK_BYTES) return [request];
  return Array.from({ length: Math.ceil(lengthBytes / BLOCK_BYTES) }, (_, index) => {
    const at = index * BLOCK_BYTES;
    return {
      ...request,
      offsetBytes: offsetBytes + at,
      lengthBytes: Math.min(BLOCK_BYTES, lengthBytes - at),
      dataBytesAt: dataBytesAt + at,
    };
  });
}

/** Up to so many unflushed writes every subset of them is a state, beyond that a choice. */
const MOST_FOR_ALL = 5;
const RANDOM_CHOICES = 8;

/**
 * States in which a power cut leaves this part of a disk, from when `from` requests had been made until `to` had: after each
 * request of it, with all, none, or some of what was written since the last flush, in whatever order the disk liked, and
 * with the newest write half done. Each state once, in order.
 */
export function cutStates(
  { requests }: WriteLog,
  from: number,
  to: number,
  extent: Extent,
): readonly CutState[] {
  const random = seeded(1);
  const states = new Map<string, CutState>();
  for (let count = from; count <= to; count += 1) {
    const last = requests[count - 1];
    if (count > from && last !== undefined && !last.isFlush && !touches(last, extent)) continue;
    const flushed = requests.slice(0, count).findLastIndex(({ isFlush }) => isFlush) + 1;
    const later = requests.slice(flushed, count).map((request, index) => ({
      request,
      place: flushed + index,
    }));
    const written = later.filter(({ request }) => touches(request, extent));
    const certain = written.filter(({ request }) => request.isFua).map(({ place }) => place);
    const open = written.filter(({ request }) => !request.isFua).map(({ place }) => place);
    const add = (choice: readonly number[], isTorn: boolean): void => {
      const kept = [...certain, ...choice].toSorted((left, right) => left - right);
      const state = { count, base: flushed, kept, isTorn };
      const key = JSON.stringify([flushed, kept, isTorn]);
      // The earliest moment in which it can be found says most about what may be lost.
      if (!states.has(key)) states.set(key, state);
    };
    for (const choice of choices(open, random)) add(choice, false);
    if (open.at(-1) === count - 1) add(open, true);
  }
  return [...states.values()];
}

function choices(open: readonly number[], random: () => number): (readonly number[])[] {
  if (open.length <= MOST_FOR_ALL)
    return Array.from({ length: 1 << open.length }, (_, bits) =>
      open.filter((_place, index) => ((bits >> index) & 1) === 1),
    );
  const some = Array.from({ length: RANDOM_CHOICES }, () => open.filter(() => random() < 0.5));
  return [[], [...open], open.slice(-1), open.slice(0, -1), open.slice(1), ...some];
}

function touches(request: LoggedRequest, { startBytes, sizeBytes }: Extent): boolean {
  const { offsetBytes, lengthBytes, isDiscard } = request;
  const isInside = offsetBytes < startBytes + sizeBytes && offsetBytes + lengthBytes > startBytes;
  return !isDiscard && lengthBytes > 0 && isInside;
}

/** A linear congruential generator (Numerical Recipes, 7.1), so that each run looks at the same choice. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
