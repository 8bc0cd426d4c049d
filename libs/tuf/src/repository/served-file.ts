import { constants } from "node:fs";
import { open, realpath, type FileHandle } from "node:fs/promises";
import { basename, join, sep } from "node:path";
import type { ByteRange, Representation } from "./http-conditions.ts";

/** A file that is being handed out: it stays what it is when another one gets its name meanwhile. */
export interface ServedFile extends Representation, AsyncDisposable {
  readonly name: string;
  /** Its bytes; an error if it has become shorter. */
  read(range: ByteRange): AsyncIterable<Buffer>;
}

const PIECE_BYTES = 256 * 1024;

/** The names on the way to a file, of a request's target (RFC 9112, 3.2.1). Undefined: it can be none of ours. */
export function pathOf(target: string): readonly string[] | undefined {
  const [path = ""] = target.split("?");
  if (!path.startsWith("/")) return undefined;
  const names = path.slice(1).split("/").map(decode);
  return names.every((name) => name !== undefined && isName(name))
    ? names.filter((name) => name !== undefined)
    : undefined;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not UTF-8, or half an escape.
    return undefined;
  }
}

/** One name and no more: what would lead up begins with a dot, as drafts of the publisher do. */
function isName(name: string): boolean {
  return name !== "" && !name.startsWith(".") && !/[/\\\0]/.test(name);
}

/** Undefined: there is no such regular file below the root, whose path is a real one. */
export async function openServed(
  root: string,
  names: readonly string[],
): Promise<ServedFile | undefined> {
  const file = await openBelow(root, names);
  if (file === undefined) return undefined;
  const stat = await file.stat({ bigint: true });
  if (!stat.isFile()) {
    await file.close();
    return undefined;
  }
  return {
    name: basename(names.at(-1) ?? ""),
    sizeBytes: Number(stat.size),
    modified: stat.mtime,
    // A strong one: what replaces a file is another inode, or was written later.
    etag: `"${[stat.ino, stat.size, stat.mtimeNs].map((part) => part.toString(36)).join("-")}"`,
    read: (range) => readPart(file, range),
    [Symbol.asyncDispose]: () => file.close(),
  };
}

async function openBelow(root: string, names: readonly string[]): Promise<FileHandle | undefined> {
  try {
    // A link in the folder may lead around in it, not out of it.
    const path = await realpath(join(root, ...names));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    // What is no file, a pipe for instance, must not make anybody wait.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch {
    // Absent, too long a name, not ours to read: to whom asks it is all the same.
    return undefined;
  }
}

async function* readPart(file: FileHandle, { start, end }: ByteRange): AsyncIterable<Buffer> {
  let position = start;
  while (position < end) {
    const wanted = Math.min(PIECE_BYTES, end - position);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
    if (bytesRead === 0) throw new RangeError("the file has become shorter");
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
