import type { Snapshot } from "@ballast/tuf";
import { compareImage } from "./compare.ts";
import { fetchBytesOf, MissingFetcher, type Missing } from "./fetch-missing.ts";
import type { ImageTransfer, TransferPorts, TransferReport } from "./image-transfer.ts";
import { ProgressMeter } from "./progress.ts";
import { RateLimit } from "./rate-limit.ts";
import { readBack } from "./read-back.ts";

/**
 * Writes images into their partitions, in the order given: keeps what is right there, copies what the running slot has, fetches
 * the rest, waits until all is on the disk and reads it back. Run again after it was cut off it goes on where it was, since what
 * is there counts, and nothing is noted elsewhere. Throws UpdateAgentError, TufError, or the signal's reason.
 */
export async function transferImages(
  snapshot: Snapshot,
  transfers: readonly ImageTransfer[],
  ports: TransferPorts,
): Promise<TransferReport> {
  const meter = new ProgressMeter(ports.onProgress, ports.monotonicMs);
  const imageBytes = sum(transfers.map(({ image }) => image.size_bytes));
  const report = await write(snapshot, transfers, imageBytes, meter, ports);
  meter.begin("read-back", imageBytes);
  for (const transfer of transfers) await readBack(transfer, meter, ports);
  return { ...report, fetchedBytes: meter.fetchedBytes };
}

async function write(
  snapshot: Snapshot,
  transfers: readonly ImageTransfer[],
  imageBytes: number,
  meter: ProgressMeter,
  ports: TransferPorts,
): Promise<Omit<TransferReport, "fetchedBytes">> {
  await using stack = new AsyncDisposableStack();
  const all: Missing[] = [];
  let keptBytes = 0;
  let copiedBytes = 0;
  meter.begin("compare", imageBytes);
  for (const transfer of transfers) {
    const destination = stack.use(await ports.open(transfer.destination, "write"));
    const compared = await compareImage(transfer, destination, meter, ports);
    keptBytes += compared.keptBytes;
    copiedBytes += compared.copiedBytes;
    all.push({ transfer, destination, chunks: compared.missing });
  }
  meter.begin("write", sum(all.map(fetchBytesOf)));
  const fetcher = new MissingFetcher(snapshot, meter, new RateLimit(ports), ports.signal);
  for (const missing of all) await fetcher.fetch(missing);
  for (const { destination } of all) await destination.sync();
  return { keptBytes, copiedBytes };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
