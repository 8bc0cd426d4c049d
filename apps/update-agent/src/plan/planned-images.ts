import type { UpdatePlan } from "@ballast/model";
import type { Snapshot } from "@ballast/tuf";
import { planDelta, type Release } from "@ballast/updates";
import type { ImageName } from "../machine/partitions.ts";
import { readChunkIndex } from "../repository/chunk-index.ts";

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
    const index = await readChunkIndex(snapshot, wanted.images[image], signal);
    const own =
      held === undefined
        ? { schema: 1 as const, chunks: [] }
        : await readChunkIndex(snapshot, held.images[image], signal);
    const { fetchBytes, reuseBytes } = planDelta(index, own);
    const { size_bytes } = wanted.images[image];
    return { size_bytes, fetch_bytes: fetchBytes, local_bytes: reuseBytes };
  };
  return { boot: await plan("boot"), root: await plan("root"), hash: await plan("hash") };
}
