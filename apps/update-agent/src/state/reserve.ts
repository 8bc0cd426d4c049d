import { mkdir, open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { describeError } from "@ballast/errors";
import type { Log } from "@ballast/service";
import type { Fs } from "@ballast/system";

/** More than the metadata of a repository and the state together ever need. */
const RESERVE_BYTES = 8 * 1024 * 1024;
const BLOCK = Buffer.alloc(64 * 1024);

/** Space on STATE that is given up when there is none left. */
export interface Reserve {
  /** The file, without the ports' root. */
  readonly path: string;
  readonly log: Log;
}

/** Writes of this port that find the disk full give the reserve up and are tried once more. */
export function withReserve(fs: Fs, { path, log }: Reserve): Fs {
  return {
    ...fs,
    writeDurable: async (target, text, mode) => {
      try {
        await fs.writeDurable(target, text, mode);
      } catch (error) {
        if (!isFull(error)) throw error;
        log.warn("Disk is full, the reserve of updates is used", { reserve: path });
        await rm(path, { force: true });
        await fs.writeDurable(target, text, mode);
      }
    },
  };
}

/** Makes the reserve if it is not there and would not be what fills the disk. Never throws. */
export async function keepReserve({ path, log }: Reserve): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    if ((await stat(path).catch(() => undefined))?.size === RESERVE_BYTES) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const { bavail, bsize } = await statfs(dirname(path));
    if (bavail * bsize < 2 * RESERVE_BYTES) return;
    await write(temporary);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    // Of a disk that cannot be written whoever needs it will say so.
    log.warn("Cannot keep a reserve for updates", { reason: describeError(error) });
  }
}

/** Zeros that take their blocks; not a hole. */
async function write(path: string): Promise<void> {
  await using file = await open(path, "w", 0o600);
  for (let written = 0; written < RESERVE_BYTES; written += BLOCK.length)
    await file.writeFile(BLOCK);
  await file.sync();
}

export function isFull(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ("code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT")) return true;
  return false;
}
