import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import type { Chunk, ChunkIndex } from "@ballast/updates";
import { Chunker } from "./chunker.ts";

const compress = promisify(zstdCompress);
/** Images are mostly compressed already: more costs minutes and saves a hundredth. */
const LEVEL = 12;
/** Chunks that are compressed at once, in Node's pool of threads. */
const AT_ONCE = 4;

export interface PackOptions {
  /** Told how far it is, in bytes of the image. */
  readonly onProgress: (doneBytes: number) => void;
  readonly signal: AbortSignal;
}

export interface Packed {
  readonly imageBytes: number;
  readonly imageSha256: string;
  readonly index: ChunkIndex;
}

/** Packs an image into a new file: one zstd frame after another, one for each chunk. The same image makes the same file. */
export async function packImage(
  image: string,
  packed: string,
  { onProgress, signal }: PackOptions,
): Promise<Packed> {
  await using file = await open(packed, "wx", 0o644);
  const whole = createHash("sha256");
  const chunks: Chunk[] = [];
  let imageBytes = 0;
  let fileBytes = 0;
  for await (const [chunk, frame] of framesOf(image, signal)) {
    whole.update(chunk);
    await file.writeFile(frame);
    chunks.push({
      size_bytes: chunk.length,
      sha256: createHash("sha256").update(chunk).digest("hex"),
      frame_offset: fileBytes,
      frame_bytes: frame.length,
    });
    imageBytes += chunk.length;
    fileBytes += frame.length;
    onProgress(imageBytes);
  }
  await file.sync();
  return { imageBytes, imageSha256: whole.digest("hex"), index: { schema: 1, chunks } };
}

/** Each chunk with its frame, in order. */
async function* framesOf(
  image: string,
  signal: AbortSignal,
): AsyncIterable<readonly [chunk: Buffer, frame: Buffer]> {
  const waiting: Promise<readonly [Buffer, Buffer]>[] = [];
  for await (const chunk of chunksOf(image, signal)) {
    waiting.push(frameOf(chunk));
    const first = waiting.length < AT_ONCE ? undefined : waiting.shift();
    if (first !== undefined) yield await first;
  }
  for (const frame of waiting) yield await frame;
}

async function frameOf(chunk: Buffer): Promise<readonly [Buffer, Buffer]> {
  const params = { [constants.ZSTD_c_compressionLevel]: LEVEL };
  // With its size: a machine knows how much room a frame needs before it begins.
  return [chunk, await compress(chunk, { params, pledgedSrcSize: chunk.length })];
}

async function* chunksOf(image: string, signal: AbortSignal): AsyncIterable<Buffer> {
  const chunker = new Chunker();
  for await (const bytes of createReadStream(image, { highWaterMark: 1024 * 1024, signal })) {
    if (!Buffer.isBuffer(bytes))
      throw new TypeError("A file without an encoding is not of buffers");
    yield* chunker.push(bytes);
  }
  yield* chunker.end();
}
