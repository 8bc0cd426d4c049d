import { open } from "node:fs/promises";
import type { LoggedRequest, WriteLog } from "./write-log.ts";

/**
 * The requests that are on the medium when the power goes after request number `count`: all up to the last flush, and
 * of those after it the ones that `isKept` says, since a disk writes its cache in any order. A write with FUA and
 * everything before the last flush is never lost.
 */
export function survivors(
  requests: readonly LoggedRequest[],
  count: number,
  isKept: (index: number) => boolean = () => true,
): readonly LoggedRequest[] {
  const done = requests.slice(0, count);
  const lastFlush = done.findLastIndex((request) => request.isFlush);
  return done.filter((request, index) => index <= lastFlush || request.isFua || isKept(index));
}

/** Writes the data of these requests, in order, into a raw image that equals the disk before the first of them. */
export async function replayWrites(
  log: WriteLog,
  requests: readonly LoggedRequest[],
  rawImage: string,
): Promise<void> {
  await using source = await open(log.file, "r");
  await using target = await open(rawImage, "r+");
  for (const { offsetBytes, lengthBytes, dataBytesAt, isDiscard } of requests) {
    // A discarded block may read as anything; leaving it is the answer that hides least.
    if (isDiscard || lengthBytes === 0) continue;
    const data = Buffer.alloc(lengthBytes);
    await source.read(data, 0, lengthBytes, dataBytesAt);
    await target.write(data, 0, lengthBytes, offsetBytes);
  }
}
