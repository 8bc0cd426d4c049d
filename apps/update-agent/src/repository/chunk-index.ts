import type { Snapshot } from "@ballast/tuf";
import { parseChunkIndex, type ChunkIndex, type ReleaseImage } from "@ballast/updates";

/** Some 160 bytes for each chunk of 60 KiB: enough for an image of 3 GiB. As objects it is several times that in memory. */
const INDEX_MAX_BYTES = 8 * 1024 * 1024;

/** The signed chunk index of an image. Throws TufError and UpdatesError. */
export async function readChunkIndex(
  snapshot: Snapshot,
  { target, chunks, size_bytes: imageBytes }: ReleaseImage,
  signal: AbortSignal,
): Promise<ChunkIndex> {
  const { sizeBytes: fileBytes } = await snapshot.target(target);
  const bytes = await snapshot.read(chunks, INDEX_MAX_BYTES, signal);
  return parseChunkIndex(bytes.toString("utf8"), imageBytes, fileBytes);
}
