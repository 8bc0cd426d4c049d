import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { hasCode } from "@ballast/errors";
import { TufError } from "../errors.ts";
import type { FetchOptions, Fetcher } from "../fetcher/fetcher.ts";
import { readEntries, type Entry } from "./read-entries.ts";

const PIECE_BYTES = 256 * 1024;
/** For `TufClientOptions`: where the metadata and targets of a bundle are, for its own fetcher. */
export const BUNDLE_URLS = {
  metadataUrl: new URL("bundle:///metadata/"),
  targetsUrl: new URL("bundle:///targets/"),
} as const;

/**
 * A repository in one file, an uncompressed tar archive: read where it lies, by offset, and never unpacked. Nothing in it is trusted:
 * the client verifies it as it does what comes over a network.
 */
export class BundleFetcher implements Fetcher, AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #entries: ReadonlyMap<string, Entry>;

  private constructor(path: string, file: FileHandle, entries: ReadonlyMap<string, Entry>) {
    this.#path = path;
    this.#file = file;
    this.#entries = entries;
  }

  /** Reads the headers. Throws `tuf.bad-bundle`, `tuf.not-found`, `tuf.unreachable`. */
  static async open(path: string): Promise<BundleFetcher> {
    const file = await openFile(path);
    try {
      return new BundleFetcher(path, file, await readEntries(file, (await file.stat()).size));
    } catch (cause) {
      await file.close();
      if (cause instanceof TufError) throw cause;
      throw new TufError("tuf.unreachable", `Cannot read the bundle "${path}"`, { cause });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  has(url: URL): boolean {
    return this.#entryOf(url) !== undefined;
  }

  async *fetch(url: URL, { maxBytes, range, signal }: FetchOptions): AsyncIterable<Buffer> {
    const entry = this.#find(url);
    const start = range?.offset ?? 0;
    const end = range === undefined ? entry.sizeBytes : range.offset + range.sizeBytes;
    if (end - start > maxBytes)
      throw new TufError(
        "tuf.too-long",
        `Cannot read ${url.pathname} of the bundle: it is longer than ${maxBytes} bytes`,
      );
    if (end > entry.sizeBytes)
      throw new TufError(
        "tuf.bad-answer",
        `Cannot read ${url.pathname} of the bundle: it ends at byte ${entry.sizeBytes}, not ${end}`,
      );
    for (let position = start; position < end;) {
      signal?.throwIfAborted();
      const part = await this.#read(entry.offset + position, Math.min(PIECE_BYTES, end - position));
      position += part.length;
      yield part;
    }
  }

  #find(url: URL): Entry {
    const entry = this.#entryOf(url);
    if (entry === undefined)
      throw new TufError("tuf.not-found", `Cannot read ${url.href}: the bundle has no such file`);
    return entry;
  }

  #entryOf({ protocol, pathname }: URL): Entry | undefined {
    return protocol === "bundle:" ? this.#entries.get(decode(pathname).slice(1)) : undefined;
  }

  async #read(offset: number, sizeBytes: number): Promise<Buffer> {
    const fault = (reason: string, cause?: unknown) =>
      new TufError("tuf.unreachable", `Cannot read the bundle "${this.#path}"${reason}`, { cause });
    try {
      const { bytesRead, buffer } = await this.#file.read(
        Buffer.allocUnsafe(sizeBytes),
        0,
        sizeBytes,
        offset,
      );
      if (bytesRead === 0) throw fault(": it became shorter meanwhile");
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      throw hasCode(cause, "tuf.unreachable") ? cause : fault("", cause);
    }
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // What is no file, a pipe for instance, must not make the program wait.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (cause) {
    const isAbsent = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    throw new TufError(
      isAbsent ? "tuf.not-found" : "tuf.unreachable",
      `Cannot read the bundle "${path}"`,
      { cause },
    );
  }
  throw new TufError("tuf.not-found", `Cannot read the bundle "${path}": it is no file`);
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    // Half an escape is no name of a file that a bundle has.
    return "";
  }
}
