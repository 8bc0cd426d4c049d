import { gunzipSync } from "node:zlib";
import { SourceError } from "./source-error.ts";

/** The text of user data as a source has it: plain, or packed by gzip (RFC 1952). At most `maxBytes` of it. */
export function unpackText(bytes: Uint8Array, maxBytes: number): string {
  const plain = isGzip(bytes) ? gunzip(bytes, maxBytes) : bytes;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (cause) {
    throw new SourceError("apiserver.source-not-text", "Cannot read user data: it is not UTF-8", {
      cause,
    });
  }
}

/** No text begins so: 0x8b cannot follow 0x1f in UTF-8. */
function isGzip([first, second]: Uint8Array): boolean {
  return first === 0x1f && second === 0x8b;
}

function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: maxBytes });
  } catch (cause) {
    if (cause instanceof RangeError)
      throw new SourceError(
        "apiserver.source-too-large",
        `Cannot unpack user data: it is longer than ${maxBytes} bytes`,
      );
    throw new SourceError("apiserver.source-not-gzip", "Cannot unpack user data", { cause });
  }
}
