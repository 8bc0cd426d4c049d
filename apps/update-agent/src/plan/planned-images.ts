import type { UpdatePlan } from "@ballast/model";
import type { Snapshot } from "@ballast/tuf";
import { parseChunkIndex, planDelta, type ChunkIndex, type Release } from "@ballast/updates";
import type { ImageName } from "../machine/partitions.ts";

/** Some 160 bytes for each chunk of 64 KiB; a root of 1 GiB has 16,000. */
const INDEX_MAX_BYTES = 32 * 1024 * 1024;

type PlannedImages = NonNullable<UpdatePlan["images"]>;
type PlannedImage = PlannedImages[ImageName];

/**
 * What of a release must come over the network: by the signed indexes of it and of what runs, so at most this, since what the other
 * slot has already is not looked at.
 */
export async function plannedImages(
  snapshot: Snapshot,
  wanted: Release,
  held: Release | undefined,
  signal: AbortSignal,
): Promise<PlannedImages> {
  const plan = async (image: ImageName): Promise<PlannedImage> => {
    const index = await readIndex(snapshot, wanted, image, signal);
    const own =
      held === undefined
        ? { schema: 1 as const, chunks: [] }
        : await readIndex(snapshot, held, image, signal);
    const { fetchBytes, reuseBytes } = planDelta(index, own);
    const { size_bytes } = wanted.images[image];
    return { size_bytes, fetch_bytes: fetchBytes, local_bytes: reuseBytes };
  };
  return { boot: await plan("boot"), root: await plan("root"), hash: await plan("hash") };
}

async function readIndex(
  snapshot: Snapshot,
  release: Release,
  image: ImageName,
  signal: AbortSignal,
): Promise<ChunkIndex> {
  const { target, chunks, size_bytes: imageBytes } = release.images[image];
  const { sizeBytes: fileBytes } = await snapshot.target(target);
  const text = await snapshot.read(chunks, INDEX_MAX_BYTES, signal);
  return parseChunkIndex(text.toString("utf8"), imageBytes, fileBytes);
}
