import type { FileHandle } from "node:fs/promises";
import {
  badBundle,
  BLOCK_BYTES,
  paddedBytes,
  PAX_MAX_BYTES,
  readHeader,
  readPaxPath,
} from "./tar-header.ts";

/** Far more than a release has: root chain, a few images, their indexes. */
const MAX_ENTRIES = 4096;
/** What a repository has, and nothing else: no name leads anywhere, none has a folder in it. */
const ENTRY_NAME =
  /^(?:metadata\/(?:timestamp|[1-9]\d{0,9}\.(?:root|snapshot|targets))\.json|targets\/[0-9a-f]{64}\.[A-Za-z0-9][A-Za-z0-9._+-]{0,199})$/;

/** Where in the archive a file lies. */
export interface Entry {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Reads all headers of a tar archive, and nothing else. Throws `tuf.bad-bundle`. */
export async function readEntries(
  file: FileHandle,
  fileBytes: number,
): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>();
  let offset = 0;
  let path: string | undefined;
  for (;;) {
    const header = readHeader(await readAt(file, offset, BLOCK_BYTES));
    offset += BLOCK_BYTES;
    if (header === undefined) break;
    const { kind, sizeBytes, name } = header;
    if (offset + paddedBytes(sizeBytes) > fileBytes) throw badBundle("it is cut off");
    if (kind === "path") {
      if (path !== undefined || sizeBytes > PAX_MAX_BYTES)
        throw badBundle("it has an extended header that belongs to no file");
      path = readPaxPath(await readAt(file, offset, sizeBytes));
    } else {
      addEntry(entries, path ?? name, { offset, sizeBytes });
      path = undefined;
    }
    offset += paddedBytes(sizeBytes);
  }
  if (path !== undefined) throw badBundle("it has an extended header that belongs to no file");
  // Two empty blocks are the end (POSIX); one alone may be where it was cut.
  if (readHeader(await readAt(file, offset, BLOCK_BYTES)) !== undefined)
    throw badBundle("it goes on behind its end");
  return entries;
}

function addEntry(entries: Map<string, Entry>, name: string, entry: Entry): void {
  if (!ENTRY_NAME.test(name))
    throw badBundle(`it holds ${JSON.stringify(name.slice(0, 300))}, which no repository has`);
  if (entries.has(name)) throw badBundle(`it holds "${name}" twice`);
  if (entries.size === MAX_ENTRIES) throw badBundle(`it holds more than ${MAX_ENTRIES} files`);
  entries.set(name, entry);
}

async function readAt(file: FileHandle, offset: number, sizeBytes: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(sizeBytes), 0, sizeBytes, offset);
  if (bytesRead < sizeBytes) throw badBundle("it is cut off");
  return buffer;
}
