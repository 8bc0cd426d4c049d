import type { FileHandle } from "node:fs/promises";

const BLOCK_BYTES = 512;
/** A layout has one file for each layer and little more. */
const MAX_FILES = 10_000;

/** Where a file lies in an archive, in bytes. */
export interface TarFile {
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * Where the files of a tar archive lie (POSIX.1-1988, ustar), by name without `./`; it is read by its heads only. Names that need
 * an extension are passed over: those of an image layout do not. Throws what is wrong as an Error.
 */
export async function indexTar(handle: FileHandle): Promise<Map<string, TarFile>> {
  const { size: totalBytes } = await handle.stat();
  const files = new Map<string, TarFile>();
  const head = Buffer.alloc(BLOCK_BYTES);
  let offset = 0;
  while (offset + BLOCK_BYTES <= totalBytes) {
    await handle.read(head, 0, BLOCK_BYTES, offset);
    const name = textOf(head, 0, 100);
    if (name === "") return files;
    const sizeBytes = Number.parseInt(textOf(head, 124, 12), 8);
    const start = offset + BLOCK_BYTES;
    if (!(sizeBytes >= 0 && start + sizeBytes <= totalBytes))
      throw new Error("it is cut off, or no tar archive");
    const type = textOf(head, 156, 1);
    if (type === "" || type === "0")
      files.set(name.replace(/^\.\//, ""), { offset: start, sizeBytes });
    if (files.size > MAX_FILES) throw new Error(`it has more than ${MAX_FILES} files`);
    offset = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}

function textOf(head: Buffer, from: number, length: number): string {
  return head.toString("latin1", from, from + length).replace(/[\0 ]*(\0.*)?$/s, "");
}
