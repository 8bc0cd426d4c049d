import { randomBytes } from "node:crypto";
import { chmod, lstat, mkdir, open, readdir, rename, rm, rmdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { SystemError } from "../system-error.ts";
import { decodeText } from "./decode-text.ts";
import { READ_MAX_BYTES, type Fs } from "./fs.ts";

/** The real file system; with another `root` than `/` every path lies below it. */
export function createNodeFs(root = "/"): Fs {
  const at = (path: string): string => join(root, path);
  return {
    readText: async (path, options) => {
      const bytes = await readBytes(at(path), options?.maxBytes ?? READ_MAX_BYTES);
      return bytes === undefined ? undefined : decodeText(at(path), bytes);
    },
    readBytes: (path, options) => readBytes(at(path), options?.maxBytes ?? READ_MAX_BYTES),
    list: async (path) => {
      try {
        return (await readdir(at(path))).toSorted();
      } catch (cause) {
        if (isAbsent(cause)) return [];
        throw new SystemError("system.read", `Cannot list "${at(path)}"`, { cause });
      }
    },
    exists: async (path) => {
      try {
        await lstat(at(path));
        return true;
      } catch (cause) {
        if (isAbsent(cause)) return false;
        throw new SystemError("system.read", `Cannot look for "${at(path)}"`, { cause });
      }
    },
    mode: async (path) => {
      try {
        return (await lstat(at(path))).mode & 0o7777;
      } catch (cause) {
        if (isAbsent(cause)) return undefined;
        throw new SystemError("system.read", `Cannot look at "${at(path)}"`, { cause });
      }
    },
    writeDurable: (path, text, mode) => writeDurable(at(path), text, mode),
    remove: async (path) => {
      try {
        await remove(at(path));
      } catch (cause) {
        throw new SystemError("system.write", `Cannot remove "${at(path)}"`, { cause });
      }
    },
  };
}

/** Reads by chunks up to the limit, because files of sysfs and fw_cfg do not tell a true size. */
async function readBytes(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(path, "r");
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024));
      if (bytesRead === 0) break;
      sizeBytes += bytesRead;
      if (sizeBytes > maxBytes)
        throw new SystemError(
          "system.too-large",
          `Cannot read "${path}": it is longer than ${maxBytes} bytes`,
        );
      chunks.push(buffer.subarray(0, bytesRead));
    }
    return Buffer.concat(chunks);
  } catch (cause) {
    if (cause instanceof SystemError) throw cause;
    if (isAbsent(cause)) return undefined;
    throw new SystemError("system.read", `Cannot read "${path}"`, { cause });
  }
}

async function writeDurable(path: string, text: string, mode: number): Promise<void> {
  const directory = dirname(path);
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await makeDirectory(directory);
    try {
      await writeNew(temporary, text, mode);
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    // The rename itself is lost in a power cut unless the directory is written too.
    await using handle = await open(directory, "r");
    await handle.sync();
  } catch (cause) {
    throw new SystemError("system.write", `Cannot write "${path}"`, { cause });
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    if (codeOf(error) !== "ERR_FS_EISDIR") throw error;
    await rmdir(path);
  }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  await using file = await open(path, "wx", 0o600);
  await file.writeFile(text);
  // Not by open(): its mode passes through the umask.
  await file.chmod(mode);
  await file.sync();
}

/** Made directories are readable for all whatever the umask; those that exist are left as they are. */
async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await chmod(made, 0o755);
}

function isAbsent(error: unknown): boolean {
  const code = codeOf(error);
  return code === "ENOENT" || code === "ENOTDIR";
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
