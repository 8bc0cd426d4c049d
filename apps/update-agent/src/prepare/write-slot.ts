import { BallastError, describeError, EXIT } from "@ballast/errors";
import type { Snapshot } from "@ballast/tuf";
import type { Release } from "@ballast/updates";
import type { AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { IMAGE_NAMES, type ImageName, type PartitionPlace } from "../machine/partitions.ts";
import { runSignpost } from "../machine/signpost.ts";
import { readChunkIndex } from "../repository/chunk-index.ts";
import {
  type ImageTransfer,
  type TransferPorts,
  type TransferReport,
} from "../transfer/image-transfer.ts";
import type { OpenPartition } from "../transfer/partition.ts";
import type { Progress } from "../transfer/progress.ts";
import { transferImages } from "../transfer/transfer.ts";
import { checkVerityTree } from "../transfer/verity-tree.ts";

type Context = Pick<AgentContext, "exec" | "log" | "signal" | "clock">;
type Places = Readonly<Record<ImageName, PartitionPlace>>;

/** A release, and the slot that does not run. Its obstacles were looked for before. */
export interface SlotWrite {
  readonly snapshot: Snapshot;
  readonly release: Release;
  readonly destinations: Places;
  /** What runs, if the repository still knows it, and where it is. */
  readonly running: { readonly release: Release; readonly places: Places } | undefined;
  readonly open: OpenPartition;
  readonly maxBytesPerSecond: number | undefined;
  readonly onProgress: (progress: Progress) => void;
}

/**
 * Writes a release to the slot that does not run. From the first step on that slot is out of use, and it is not valid before the last:
 * wherever this ends, the machine boots what runs. Run again it goes on where it was.
 */
export async function writeSlot(context: Context, write: SlotWrite): Promise<TransferReport> {
  // All that can be refused without the slot is read before it is given up.
  const transfers = await planTransfers(context, write);
  context.signal.throwIfAborted();
  try {
    await runSignpost(context, ["clear-inactive"]);
    const report = await transferImages(write.snapshot, transfers, portsOf(context, write));
    await checkTree(write);
    context.signal.throwIfAborted();
    await runSignpost(context, ["set-slot-uuids", "--root-hash", write.release.root_hash]);
    await runSignpost(context, ["mark-inactive-valid"]);
    return report;
  } catch (error) {
    context.signal.throwIfAborted();
    throw incomplete(write.release, error);
  }
}

async function planTransfers(
  { log, signal }: Context,
  { snapshot, release, destinations, running }: SlotWrite,
): Promise<ImageTransfer[]> {
  const held = async (name: ImageName): Promise<ImageTransfer["held"]> => {
    if (running === undefined) return undefined;
    try {
      const index = await readChunkIndex(snapshot, running.release.images[name], signal);
      return { index, place: running.places[name] };
    } catch (error) {
      signal.throwIfAborted();
      log.warn("Cannot use what runs, fetching all", { image: name, reason: describeError(error) });
      return undefined;
    }
  };
  const transfers: ImageTransfer[] = [];
  for (const name of IMAGE_NAMES) {
    const image = release.images[name];
    transfers.push({
      ...{ name, image, destination: destinations[name] },
      index: await readChunkIndex(snapshot, image, signal),
      held: await held(name),
    });
  }
  return transfers;
}

function portsOf({ clock, log, signal }: Context, write: SlotWrite): TransferPorts {
  return {
    open: write.open,
    clock,
    monotonicMs: () => performance.now(),
    maxBytesPerSecond: write.maxBytesPerSecond,
    onProgress: write.onProgress,
    onUnreadable: (path, offset, cause) => {
      const reason = describeError(cause);
      log.warn("Cannot read a part of the running slot, fetching it", { path, offset, reason });
    },
    signal,
  };
}

async function checkTree({ release, destinations, open }: SlotWrite): Promise<void> {
  await using hash = await open(destinations.hash, "read");
  await checkVerityTree(hash, release.root_hash, release.images.root.size_bytes);
}

/** The reason in its own words, and what it means for the machine. */
function incomplete({ version }: Release, cause: unknown): UpdateAgentError {
  const { hint, exitCode, code } =
    cause instanceof BallastError ? cause : { hint: undefined, exitCode: EXIT.bug, code: "bug" };
  const next = "The running slot boots as before. Prepare again: what is written already is kept.";
  return new UpdateAgentError(
    "update-agent.incomplete",
    `Cannot write ${version} to the other slot`,
    {
      cause,
      exitCode,
      details: { reason: code },
      hint: hint === undefined ? next : `${hint} ${next}`,
    },
  );
}
