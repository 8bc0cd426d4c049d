import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { TufError } from "../errors.ts";
import type { FetchOptions, Fetcher } from "./fetcher.ts";

const PIECE_BYTES = 256 * 1024;

/** `file:` URLs: a repository on a stick, or a bundle that was unpacked. Regular files only. */
export class FileFetcher implements Fetcher {
  async *fetch(url: URL, { maxBytes, range, signal }: FetchOptions): AsyncIterable<Buffer> {
    await using file = await openFile(url);
    const offset = range?.offset ?? 0;
    const end = range === undefined ? undefined : range.offset + range.sizeBytes;
    let position = offset;
    for (;;) {
      signal?.throwIfAborted();
      const wanted = Math.min(PIECE_BYTES, (end ?? Infinity) - position);
      if (wanted === 0) return;
      const { bytesRead, buffer } = await read(file, url, wanted, position);
      if (bytesRead === 0) break;
      position += bytesRead;
      if (position - offset > maxBytes)
        throw new TufError(
          "tuf.too-long",
          `Cannot read ${url.href}: it is longer than ${maxBytes} bytes`,
        );
      yield buffer.subarray(0, bytesRead);
    }
    if (end !== undefined)
      throw new TufError(
        "tuf.bad-answer",
        `Cannot read ${url.href}: it ends at byte ${position}, not ${end}`,
      );
  }
}

async function openFile(url: URL): Promise<FileHandle> {
  try {
    // What is no file, a pipe for instance, must not make the program wait.
    const file = await open(fileURLToPath(url), constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    const isAbsent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw isAbsent
      ? new TufError("tuf.not-found", `Cannot read ${url.href}: there is no such file`, { cause })
      : new TufError("tuf.unreachable", `Cannot read ${url.href}`, { cause });
  }
  throw new TufError("tuf.not-found", `Cannot read ${url.href}: it is no file`);
}

async function read(file: FileHandle, url: URL, sizeBytes: number, position: number) {
  try {
    return await file.read(Buffer.allocUnsafe(sizeBytes), 0, sizeBytes, position);
  } catch (cause) {
    throw new TufError("tuf.unreachable", `Cannot read ${url.href}`, { cause });
  }
}
