import type { Clock } from "@ballast/system";
import type { ChunkIndex, ReleaseImage } from "@ballast/updates";
import type { ImageName, PartitionPlace } from "../machine/partitions.ts";
import type { OpenPartition } from "./partition.ts";
import type { Progress } from "./progress.ts";

/** What the machine has already of an image: that of the running slot, as it was released. */
export interface HeldImage {
  readonly index: ChunkIndex;
  readonly place: PartitionPlace;
}

/** One image of a release and the partition into which it goes. */
export interface ImageTransfer {
  readonly name: ImageName;
  readonly image: ReleaseImage;
  readonly index: ChunkIndex;
  readonly destination: PartitionPlace;
  /** Undefined: the repository does not know any more what runs. */
  readonly held: HeldImage | undefined;
}

export interface TransferPorts {
  readonly open: OpenPartition;
  readonly clock: Clock;
  /** Never goes back, unlike the clock. */
  readonly monotonicMs: () => number;
  readonly maxBytesPerSecond: number | undefined;
  /** At most twice a second. */
  readonly onProgress: (progress: Progress) => void;
  /** Told when the running slot does not give what was released; the chunk is fetched instead. */
  readonly onUnreadable: (path: string, offset: number, cause: unknown) => void;
  readonly signal: AbortSignal;
}

/** In bytes of the images, but `fetchedBytes`, which are those over the network. */
export interface TransferReport {
  /** Right in the destination before: of a run that was cut off, or by chance. */
  readonly keptBytes: number;
  /** Copied from the running slot. */
  readonly copiedBytes: number;
  readonly fetchedBytes: number;
}
