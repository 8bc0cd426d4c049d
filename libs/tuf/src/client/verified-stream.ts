import { createHash } from "node:crypto";
import type { TargetFile } from "tuf-js";
import { TufError } from "../errors.ts";

/** Strongest first; a target must have one of them. */
const ALGORITHMS = ["sha512", "sha256"] as const;

/** Hands the bytes through, and ends with an error unless they were those that are signed (TUF client workflow 5.7). */
export async function* verifiedStream(
  bytes: AsyncIterable<Buffer>,
  { path, length, hashes }: TargetFile,
): AsyncIterable<Buffer> {
  const algorithm = ALGORITHMS.find((name) => hashes[name] !== undefined);
  if (algorithm === undefined)
    throw new TufError(
      "tuf.bad-metadata",
      `Cannot verify "${path}": it has no hash that is known here`,
    );
  const hash = createHash(algorithm);
  let sizeBytes = 0;
  for await (const part of bytes) {
    sizeBytes += part.length;
    if (sizeBytes > length) break;
    hash.update(part);
    yield part;
  }
  if (sizeBytes !== length)
    throw wrong(path, `it has ${sizeBytes > length ? "more" : "fewer"} than ${length} bytes`);
  if (hash.digest("hex") !== hashes[algorithm]) throw wrong(path, `its ${algorithm} is another`);
}

function wrong(path: string, reason: string): TufError {
  return new TufError("tuf.wrong-content", `Cannot trust "${path}": ${reason}`);
}
