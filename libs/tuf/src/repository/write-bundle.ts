import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { BLOCK_BYTES, checksum, paddedBytes } from "../bundle/tar-header.ts";

/** What goes into a bundle: its name there and the file that has its bytes. */
export interface BundledFile {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  /** Of those whose hash is signed: another one is an error, and no bundle. */
  readonly sha256?: string;
}

/** What eleven octal digits can say. */
const FILE_MAX_BYTES = 8 ** 11 - 1;
const NAME_MAX_BYTES = 100;

/**
 * Writes an uncompressed POSIX tar archive of plain files (pax for long names): the same files make the same bytes, on whose
 * computer and whenever it is. `onProgress` is told the bytes of files that are done.
 */
export async function writeBundle(
  to: FileHandle,
  files: readonly BundledFile[],
  { onProgress, signal }: { onProgress: (doneBytes: number) => void; signal: AbortSignal },
): Promise<void> {
  let done = 0;
  for (const { name, path, sizeBytes, sha256 } of files) {
    await to.writeFile(headersOf(name, sizeBytes));
    let own = 0;
    const hash = createHash("sha256");
    for await (const part of createReadStream(path, { highWaterMark: 1024 * 1024, signal })) {
      if (!Buffer.isBuffer(part))
        throw new TypeError("A file without an encoding is not of buffers");
      own += part.length;
      hash.update(part);
      done += part.length;
      await to.writeFile(part);
      onProgress(done);
    }
    const isSame = own === sizeBytes && [undefined, hash.digest("hex")].includes(sha256);
    if (!isSame) throw new RangeError(`"${path}" is not what was signed`);
    await to.writeFile(Buffer.alloc(paddedBytes(sizeBytes) - sizeBytes));
  }
  await to.writeFile(Buffer.alloc(2 * BLOCK_BYTES));
}

/** The bytes before those of the file. */
export function headersOf(name: string, sizeBytes: number): Buffer {
  if (sizeBytes > FILE_MAX_BYTES) throw new RangeError(`"${name}" is too long for a bundle`);
  if (Buffer.byteLength(name) <= NAME_MAX_BYTES) return header(name, "0", sizeBytes);
  const records = paxRecord(name);
  return Buffer.concat([
    header("metadata/pax", "x", records.length),
    records,
    Buffer.alloc(paddedBytes(records.length) - records.length),
    // For who does not know pax: cut, but not another file's.
    header(name.slice(0, NAME_MAX_BYTES), "0", sizeBytes),
  ]);
}

/** The length counts itself (POSIX.1-2017, pax, "pax Extended Header"). */
function paxRecord(name: string): Buffer {
  const rest = Buffer.byteLength(` path=${name}\n`);
  const length = rest + String(rest + String(rest).length).length;
  return Buffer.from(`${length} path=${name}\n`);
}

function header(name: string, type: "0" | "x", sizeBytes: number): Buffer {
  const block = Buffer.alloc(BLOCK_BYTES);
  const put = (offset: number, text: string) => block.write(text, offset, "latin1");
  put(0, name);
  put(100, "0000644\0");
  put(108, "0000000\0");
  put(116, "0000000\0");
  put(124, `${sizeBytes.toString(8).padStart(11, "0")}\0`);
  put(136, "00000000000\0");
  put(156, type);
  put(257, "ustar\u000000");
  put(148, `${checksum(block).toString(8).padStart(6, "0")}\0 `);
  return block;
}
