import { createHash } from "node:crypto";
import type { Client } from "../client.ts";
import type { Content } from "../services.ts";
import { OciError } from "./oci-error.ts";

/** As the registry clients limit manifests. */
const MAX_BYTES = 8 << 20;

/** A document of the content store, parsed, once its digest was found to be right. */
export async function readDocument(
  content: Client<typeof Content>,
  digest: string,
  image: string,
): Promise<unknown> {
  const bad = (reason: string, cause?: unknown): OciError =>
    new OciError("containerd.bad-image", `Cannot read image "${image}": ${reason}`, { cause });
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw bad("it names a part by no SHA-256 digest");
  const hash = createHash("sha256");
  const pieces: Uint8Array[] = [];
  let size = 0;
  const act = `read "${digest}" of image "${image}"`;
  for await (const { data } of content.read({ digest }, { act, timeoutMs: 10_000 })) {
    size += data.length;
    if (size > MAX_BYTES) throw bad(`"${digest}" is larger than ${MAX_BYTES} bytes`);
    hash.update(data);
    pieces.push(data);
  }
  if (digest !== `sha256:${hash.digest("hex")}`) throw bad(`"${digest}" has another content`);
  try {
    return JSON.parse(Buffer.concat(pieces).toString());
  } catch (cause) {
    throw bad(`"${digest}" is not JSON`, cause);
  }
}
