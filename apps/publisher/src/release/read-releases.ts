import { parseChunkIndex, targetsOf, type Release } from "@ballast/updates";
import type { Snapshot } from "@ballast/tuf";
import type { Steps } from "./add-release.ts";

const INDEX_MAX_BYTES = 64 * 1024 * 1024;

/** Fetches and verifies all that belongs to the releases; answers how many bytes that is. */
export async function readReleases(
  snapshot: Snapshot,
  releases: readonly Release[],
  { onProgress, signal }: Steps,
): Promise<number> {
  let total = 0;
  for (const release of releases) {
    for (const { target, chunks, size_bytes: imageBytes } of Object.values(release.images)) {
      const { sizeBytes } = await snapshot.target(target);
      const index = await snapshot.read(chunks, INDEX_MAX_BYTES, signal);
      parseChunkIndex(index.toString("utf8"), imageBytes, sizeBytes);
    }
    for (const name of targetsOf(release)) {
      const { sizeBytes } = await snapshot.target(name);
      let done = 0;
      for await (const bytes of await snapshot.stream(name, signal)) {
        done += bytes.length;
        onProgress(name, done / sizeBytes);
      }
      total += done;
    }
  }
  return total;
}
