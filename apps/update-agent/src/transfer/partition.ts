import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import type { PartitionPlace } from "../machine/partitions.ts";
import { UpdateAgentError } from "../errors.ts";

export interface Partition extends AsyncDisposable {
  /** Nothing is read or written beyond. */
  readonly sizeBytes: number;
  /** Fills the buffer or throws. */
  read(position: number, into: Buffer): Promise<void>;
  write(position: number, bytes: Buffer): Promise<void>;
  /** Returns when all that was written is on stable storage. */
  sync(): Promise<void>;
}

export type OpenPartition = (place: PartitionPlace, access: "read" | "write") => Promise<Partition>;

/** For writing only if nobody uses it: the kernel refuses what is mounted or lies below the verity root (open(2), O_EXCL). */
export const openPartition: OpenPartition = async ({ path, sizeBytes }, access) => {
  const flags = access === "read" ? constants.O_RDONLY : constants.O_RDWR | constants.O_EXCL;
  const file = await attempt("open", path, () => open(path, flags));
  const check = (position: number, length: number): void => {
    if (position + length > sizeBytes)
      throw new RangeError(`byte ${position + length} lies behind its ${sizeBytes} bytes`);
  };
  return {
    sizeBytes,
    read: (position, into) =>
      attempt("read", path, async () => {
        check(position, into.length);
        await readAll(file, position, into);
      }),
    write: (position, bytes) =>
      attempt("write", path, async () => {
        check(position, bytes.length);
        await writeAll(file, position, bytes);
      }),
    sync: () => attempt("sync", path, () => file.datasync()),
    [Symbol.asyncDispose]: () => file.close(),
  };
};

async function readAll(file: FileHandle, position: number, into: Buffer): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error(`it ends at byte ${position + done}`);
    done += bytesRead;
  }
}

async function writeAll(file: FileHandle, position: number, bytes: Buffer): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

async function attempt<T>(act: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const message = `Cannot ${act} "${path}"`;
    throw new UpdateAgentError("update-agent.disk", message, {
      cause,
      hint: "The running slot is not touched. If this comes again, look at the disk.",
    });
  }
}
