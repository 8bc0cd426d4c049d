import * as z from "zod";
import { UpdatesError } from "./errors.ts";

const SCHEMA = 1;
/** 1 TiB in chunks of 1 MiB; a slot has some thousands. */
const MAX_CHUNKS = 1_048_576;
/** What a machine must hold in memory at once, as it is and packed. */
const CHUNK_MAX_BYTES = 1_048_576;

const Chunk = z.strictObject({
  size_bytes: z.int().positive().max(CHUNK_MAX_BYTES),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  frame_offset: z.int().min(0),
  frame_bytes: z
    .int()
    .positive()
    .max(2 * CHUNK_MAX_BYTES),
});
export type Chunk = z.output<typeof Chunk>;

const ChunkIndex = z.strictObject({
  schema: z.literal(SCHEMA),
  chunks: z.array(Chunk).max(MAX_CHUNKS),
});
/** The chunks of one image in their order, and where each lies in its zstd file, as a frame of its own (RFC 8878, 3.1). */
export type ChunkIndex = z.output<typeof ChunkIndex>;

/** `imageBytes` and `fileBytes` are what the manifest and the signed metadata say. Throws UpdatesError. */
export function parseChunkIndex(text: string, imageBytes: number, fileBytes: number): ChunkIndex {
  const index = read(text);
  let imageEnd = 0;
  let fileEnd = 0;
  for (const chunk of index.chunks) {
    // Without gaps: the file as a whole is what a machine without any chunk unpacks.
    if (chunk.frame_offset !== fileEnd) throw bad("its frames do not follow each other");
    imageEnd += chunk.size_bytes;
    fileEnd += chunk.frame_bytes;
  }
  if (imageEnd !== imageBytes)
    throw bad(`its chunks have ${imageEnd} bytes, the image has ${imageBytes}`);
  if (fileEnd !== fileBytes)
    throw bad(`its frames have ${fileEnd} bytes, the file has ${fileBytes}`);
  return index;
}

/** As text for the repository. */
export function writeChunkIndex(index: ChunkIndex): string {
  return `${JSON.stringify(ChunkIndex.parse(index))}\n`;
}

function read(text: string): ChunkIndex {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw bad("it is no JSON", cause);
  }
  const result = ChunkIndex.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw bad(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

function bad(reason: string, cause?: unknown): UpdatesError {
  return new UpdatesError(
    "updates.bad-chunk-index",
    `Cannot read the chunk index: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
