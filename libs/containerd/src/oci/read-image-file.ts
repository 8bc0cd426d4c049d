import { constants } from "node:fs";
import { lstat, open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { OciError } from "./oci-error.ts";

/** A mount as the snapshots service answers it. */
export interface LayerMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

const MAX_BYTES = 1 << 20;
const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * A small file of an image, `/etc/passwd`, read from the folders that its mounts would lay over each other, without mounting
 * them: the topmost layer that has it, unless a layer above says that it is gone. Nothing if the image has none. A path
 * that leads over a symbolic link, what is no regular file or larger than 1 MiB is refused (`containerd.bad-file`).
 * A folder that hides the whole one below (opaque) is not seen as such: node cannot read extended attributes.
 */
export async function readImageFile(
  mounts: readonly LayerMount[],
  path: string,
): Promise<string | undefined> {
  const names = path.split("/").filter(Boolean);
  for (const layer of layersOf(mounts, path)) {
    const found = await lookUp(layer, names, path);
    if (found === "gone") return undefined;
    if (found !== "absent") return found.text;
  }
  return undefined;
}

/** Folders of the layers, topmost first. */
function layersOf(mounts: readonly LayerMount[], path: string): string[] {
  const [mount, ...others] = mounts;
  if (mount !== undefined && others.length === 0) {
    if (mount.type === "bind") return [mount.source];
    const value = (key: string): string[] =>
      mount.options
        .filter((option) => option.startsWith(`${key}=`))
        .flatMap((option) => option.slice(key.length + 1).split(":"));
    const layers = [...value("upperdir"), ...value("lowerdir")];
    if (mount.type === "overlay" && layers.length > 0) return layers;
  }
  const types = mounts.map(({ type }) => type).join(", ");
  throw refused(path, `its layers are no folders but "${types}"`);
}

type Found = "absent" | "gone" | { readonly text: string };

/** Each folder is opened in the one before, so that nobody can put a link in between. */
async function lookUp(layer: string, names: readonly string[], path: string): Promise<Found> {
  await using handles = new AsyncDisposableStack();
  let folder = handles.use(await open(layer, O_RDONLY | O_DIRECTORY));
  for (const [index, name] of names.entries()) {
    const at = join("/proc/self/fd", String(folder.fd), name);
    const kind = await kindOf(at);
    if (kind === "absent" || kind === "gone") return kind;
    const isLast = index === names.length - 1;
    if (kind !== (isLast ? "file" : "folder"))
      throw refused(path, `"/${names.slice(0, index + 1).join("/")}" is a ${kind}`);
    const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | (isLast ? 0 : O_DIRECTORY);
    const handle = handles.use(await openSafely(at, flags, path));
    if (isLast) return { text: await readBounded(handle, path) };
    folder = handle;
  }
  return "absent";
}

type Kind = "absent" | "gone" | "file" | "folder" | "symbolic link" | "special file";

async function kindOf(at: string): Promise<Kind> {
  try {
    const stats = await lstat(at);
    if (stats.isFile()) return "file";
    if (stats.isDirectory()) return "folder";
    if (stats.isSymbolicLink()) return "symbolic link";
    // How overlayfs notes that a layer removed a file.
    return stats.isCharacterDevice() && stats.rdev === 0 ? "gone" : "special file";
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "absent";
    throw error;
  }
}

async function openSafely(at: string, flags: number, path: string): Promise<FileHandle> {
  try {
    return await open(at, flags);
  } catch (cause) {
    throw new OciError("containerd.bad-file", `Cannot read "${path}" of the image`, { cause });
  }
}

async function readBounded(handle: FileHandle, path: string): Promise<string> {
  const stats = await handle.stat();
  if (!stats.isFile()) throw refused(path, "it is no regular file");
  if (stats.size > MAX_BYTES) throw refused(path, `it is larger than ${MAX_BYTES} bytes`);
  const buffer = Buffer.alloc(MAX_BYTES + 1);
  let size = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, size, buffer.length - size, size);
    if (bytesRead === 0) return buffer.toString("utf8", 0, size);
    size += bytesRead;
    if (size > MAX_BYTES) throw refused(path, `it is larger than ${MAX_BYTES} bytes`);
  }
}

function refused(path: string, reason: string): OciError {
  return new OciError("containerd.bad-file", `Cannot read "${path}" of the image: ${reason}`, {
    hint: "Give the image a user by numbers: uid:gid.",
  });
}
