import { createHash, hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";

/** SHA-256 of a file, lower-case hex. */
export async function sha256File(path: string): Promise<string> {
  const digest = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), digest);
  return digest.digest("hex");
}

export function sha256Text(text: string | Uint8Array): string {
  return hash("sha256", text, "hex");
}
