import { hash } from "node:crypto";
import { constants, zstdDecompress } from "node:zlib";
import type { Batch, PlacedChunk } from "./batch.ts";
import { UpdateAgentError } from "../errors.ts";

/** A chunk has at most 1 MiB, so no honest frame asks for a larger window (RFC 8878, 3.1.1.1.2). */
const WINDOW_LOG_MAX = 20;
const HINT = "What the server hands out is damaged or forged. Running it again goes on here.";

/** Unpacks the frames of a batch, in a thread of Node's. Never more room than the chunks need is taken, whatever the frames say. */
export async function unpackBatch(packed: Buffer, batch: Batch, target: string): Promise<Buffer> {
  const { sizeBytes } = batch;
  const { buffer, usedBytes } = await decompress(packed, sizeBytes).catch((cause: unknown) => {
    throw bad(batch, target, "it does not unpack", cause);
  });
  if (usedBytes !== packed.length)
    throw bad(batch, target, `${packed.length - usedBytes} bytes follow its end`);
  if (buffer.length !== sizeBytes)
    throw bad(batch, target, `it has ${buffer.length} bytes, must have ${sizeBytes}`);
  for (const chunk of batch.chunks)
    if (!isChunk(partOf(buffer, batch, chunk), chunk)) throw wrong(chunk, target);
  return buffer;
}

export function isChunk(bytes: Buffer, { sha256 }: PlacedChunk): boolean {
  return hash("sha256", bytes) === sha256;
}

/** The bytes of a chunk in those of its batch. */
export function partOf(bytes: Buffer, batch: Batch, chunk: PlacedChunk): Buffer {
  const at = chunk.offset - batch.offset;
  return bytes.subarray(at, at + chunk.size_bytes);
}

function decompress(
  packed: Buffer,
  sizeBytes: number,
): Promise<{ readonly buffer: Buffer; readonly usedBytes: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    readonly buffer: Buffer;
    readonly usedBytes: number;
  }>();
  const options = {
    maxOutputLength: sizeBytes,
    // All at once: with room left it is known to be the end.
    chunkSize: Math.max(64, sizeBytes + 1),
    info: true,
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG_MAX },
  };
  zstdDecompress(packed, options, (error, result: unknown) => {
    if (error === null) resolve(readInfo(result));
    else reject(error);
  });
  return promise;
}

/** With `info` zlib answers the engine too, which the types do not say. */
function readInfo(result: unknown): { readonly buffer: Buffer; readonly usedBytes: number } {
  if (typeof result === "object" && result !== null && "buffer" in result && "engine" in result) {
    const { buffer, engine } = result;
    if (
      Buffer.isBuffer(buffer) &&
      typeof engine === "object" &&
      engine !== null &&
      "bytesWritten" in engine &&
      typeof engine.bytesWritten === "number"
    )
      return { buffer, usedBytes: engine.bytesWritten };
  }
  throw new TypeError("zlib does not tell how much it has read");
}

function bad(
  { frameOffset, frameBytes }: Batch,
  target: string,
  reason: string,
  cause?: unknown,
): UpdateAgentError {
  return new UpdateAgentError(
    "update-agent.bad-frame",
    `Cannot unpack bytes ${frameOffset} to ${frameOffset + frameBytes} of "${target}": ${reason}`,
    { hint: HINT, ...(cause === undefined ? {} : { cause }) },
  );
}

function wrong({ frame_offset: from, frame_bytes: count }: PlacedChunk, target: string) {
  return new UpdateAgentError(
    "update-agent.wrong-chunk",
    `Cannot trust bytes ${from} to ${from + count} of "${target}": they are not what is signed`,
    { hint: HINT },
  );
}
