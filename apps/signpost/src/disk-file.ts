import * as fs from "node:fs";
import { EXIT } from "@ballast/errors";
import type { DiskReader, SectorSizeBytes } from "@ballast/gpt";
import { exitCodeOf, SignpostError } from "./errors.ts";

export interface DiskFile extends Disposable {
  readonly path: string;
  readonly sizeBytes: number;
  /** Logical block size of a device; of an image file it is not known. */
  readonly sectorSizeBytes: SectorSizeBytes | undefined;
  read(offsetBytes: number, lengthBytes: number): Uint8Array;
  write(offsetBytes: number, bytes: Uint8Array): void;
  /** Returns when everything written is on stable storage. */
  flush(): void;
}

/** Opens a block device or an image of a disk. Sizes of a device come from sysfs: stat(2) says 0. */
export function openDisk(path: string, access: "read" | "write", sys: string): DiskFile {
  // Not blocking: a FIFO would wait for a writer for ever.
  const flags = fs.constants.O_NONBLOCK | fs.constants[access === "read" ? "O_RDONLY" : "O_RDWR"];
  const fd = attempt("open", path, () => fs.openSync(path, flags));
  try {
    const size = sizeOf(fd, path, sys);
    return {
      path,
      ...size,
      read: (offset, length) => attempt("read", path, () => readFully(fd, offset, length)),
      write: (offset, bytes) => {
        writeFully(fd, offset, bytes);
      },
      flush: () => {
        fs.fsyncSync(fd);
      },
      [Symbol.dispose]: () => {
        fs.closeSync(fd);
      },
    };
  } catch (error) {
    fs.closeSync(fd);
    throw error;
  }
}

/** The disk as the codec reads it, with sectors of this size. */
export function asReader(disk: DiskFile, sectorSizeBytes: SectorSizeBytes): DiskReader {
  return {
    sectorSizeBytes,
    sectorCount: BigInt(Math.floor(disk.sizeBytes / sectorSizeBytes)),
    read: (offset, length) => disk.read(offset, length),
  };
}

type Size = Pick<DiskFile, "sizeBytes" | "sectorSizeBytes">;

function sizeOf(fd: number, path: string, sys: string): Size {
  const stat = fs.fstatSync(fd);
  if (stat.isFile()) return { sizeBytes: stat.size, sectorSizeBytes: undefined };
  if (!stat.isBlockDevice())
    throw new SignpostError(
      "signpost.not-a-disk",
      `Cannot read "${path}": it is neither a block device nor a file`,
      { exitCode: EXIT.badData },
    );
  const { major, minor } = splitDevice(stat.rdev);
  const folder = `${sys}/dev/block/${major}:${minor}`;
  if (fs.existsSync(`${folder}/partition`))
    throw new SignpostError(
      "signpost.not-a-disk",
      `Cannot read "${path}": it is a partition, must be a whole disk`,
      { exitCode: EXIT.badData },
    );
  return attempt("read size of", path, () => {
    const sectorSize = readNumber(`${folder}/queue/logical_block_size`);
    if (sectorSize !== 512 && sectorSize !== 4096)
      throw new Error(`logical block size is ${sectorSize}, must be 512 or 4096`);
    // Always in units of 512 bytes, whatever the block size (sysfs-block).
    return { sizeBytes: readNumber(`${folder}/size`) * 512, sectorSizeBytes: sectorSize };
  });
}

/** makedev(3) of glibc, backwards. */
function splitDevice(device: number): { major: number; minor: number } {
  const bits = BigInt(device);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xffff_f000n)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffff_ff00n)),
  };
}

function readNumber(path: string): number {
  const text = fs.readFileSync(path, "utf8").trim();
  if (!/^\d+$/.test(text)) throw new Error(`"${path}" holds "${text}", must be a number`);
  return Number(text);
}

function readFully(fd: number, offsetBytes: number, lengthBytes: number): Uint8Array {
  const bytes = new Uint8Array(lengthBytes);
  for (let done = 0; done < lengthBytes;) {
    const count = fs.readSync(fd, bytes, done, lengthBytes - done, offsetBytes + done);
    if (count === 0) throw new Error(`it ends at byte ${offsetBytes + done}`);
    done += count;
  }
  return bytes;
}

function writeFully(fd: number, offsetBytes: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;)
    done += fs.writeSync(fd, bytes, done, bytes.length - done, offsetBytes + done);
}

function attempt<T>(act: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof SignpostError) throw error;
    throw new SignpostError("signpost.disk-unreadable", `Cannot ${act} "${path}"`, {
      cause: error,
      exitCode: exitCodeOf(error),
    });
  }
}
