import type { Readable } from "node:stream";

const MAX_BYTES = 16 * 1024 * 1024;

/** All of a stream as UTF-8; rejects beyond 16 MiB, which no answer of the API comes near. */
export async function readText(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_BYTES) throw new Error(`it is larger than ${MAX_BYTES} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString("utf8");
}
