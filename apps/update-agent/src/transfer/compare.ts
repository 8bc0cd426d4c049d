import { planDelta } from "@ballast/updates";
import { batchesOf, type PlacedChunk } from "./batch.ts";
import type { ImageTransfer, TransferPorts } from "./image-transfer.ts";
import type { Partition } from "./partition.ts";
import type { ProgressMeter } from "./progress.ts";
import { readAhead } from "./read-ahead.ts";
import { isChunk, partOf } from "./unpack.ts";

export interface Compared {
  /** In the order of the image. */
  readonly missing: readonly PlacedChunk[];
  readonly keptBytes: number;
  readonly copiedBytes: number;
}

type Ports = Pick<TransferPorts, "open" | "onUnreadable" | "signal">;
type Wanted = PlacedChunk & { readonly source: number | undefined };

/** Leaves in the destination what is right there, and copies what the running slot has. Nothing is believed before it is hashed. */
export async function compareImage(
  transfer: ImageTransfer,
  destination: Partition,
  meter: ProgressMeter,
  { open, onUnreadable, signal }: Ports,
): Promise<Compared> {
  const { held } = transfer;
  await using own = await openHeld(transfer, { open, onUnreadable });
  const missing: PlacedChunk[] = [];
  let keptBytes = 0;
  let copiedBytes = 0;
  const copy = async (chunk: Wanted): Promise<boolean> => {
    if (own === undefined || chunk.source === undefined) return false;
    const bytes = Buffer.allocUnsafe(chunk.size_bytes);
    try {
      await own.read(chunk.source, bytes);
    } catch (cause) {
      onUnreadable(held?.place.path ?? "", chunk.source, cause);
      return false;
    }
    if (!isChunk(bytes, chunk)) return false;
    await destination.write(chunk.offset, bytes);
    return true;
  };
  const batches = batchesOf(wantedOf(transfer));
  for await (const { span: batch, bytes, fault } of readAhead(destination, batches)) {
    // Nothing is there; most of the time the slot is new.
    const isEmpty = fault !== undefined || isZero(bytes);
    for (const chunk of batch.chunks) {
      signal.throwIfAborted();
      // What cannot be read may still be written: that is when a disk puts another sector in the place.
      if (!isEmpty && isChunk(partOf(bytes, batch, chunk), chunk)) keptBytes += chunk.size_bytes;
      else if (await copy(chunk)) copiedBytes += chunk.size_bytes;
      else missing.push(chunk);
      meter.add(chunk.size_bytes);
    }
  }
  return { missing, keptBytes, copiedBytes };
}

async function openHeld(
  { held }: ImageTransfer,
  { open, onUnreadable }: Pick<Ports, "open" | "onUnreadable">,
): Promise<Partition | undefined> {
  if (held === undefined) return undefined;
  try {
    return await open(held.place, "read");
  } catch (cause) {
    onUnreadable(held.place.path, 0, cause);
    return undefined;
  }
}

const ZEROS = Buffer.alloc(1024 * 1024);

/** A comparison of memory, a tenth of the price of a hash. */
function isZero(bytes: Buffer): boolean {
  return bytes.length <= ZEROS.length && bytes.equals(ZEROS.subarray(0, bytes.length));
}

function wantedOf({ index, held }: ImageTransfer): Wanted[] {
  const sources = held === undefined ? [] : planDelta(index, held.index).sources;
  let offset = 0;
  return index.chunks.map((chunk, at) => {
    const placed = { ...chunk, offset, source: sources[at] };
    offset += chunk.size_bytes;
    return placed;
  });
}
