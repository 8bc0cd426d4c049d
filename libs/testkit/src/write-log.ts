import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { TestkitError } from "./testkit-error.ts";

/**
 * Format of the kernel's dm-log-writes (Documentation/admin-guide/device-mapper/log-writes.rst), which QEMU's
 * blklogwrites writes: one sector of superblock, then per request one sector of entry and its data. Little endian.
 */
const MAGIC = 0x6a73_6677_7368_72n;
const VERSION = 1n;
const SUPERBLOCK_BYTES = 28;
const ENTRY_BYTES = 32;
const FLAG = { flush: 1n, fua: 2n, discard: 4n, mark: 8n } as const;

export interface LoggedRequest {
  /** Where on the disk, in bytes. */
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** All earlier writes are on the medium once this one is answered. */
  readonly isFlush: boolean;
  /** This write itself is on the medium once it is answered. */
  readonly isFua: boolean;
  readonly isDiscard: boolean;
  /** Where its data lies in the log, in bytes; meaningless without data. */
  readonly dataBytesAt: number;
}

export interface WriteLog {
  readonly file: string;
  readonly requests: readonly LoggedRequest[];
}

/** Reads the list of requests; their data stays in the file. */
export async function readWriteLog(file: string): Promise<WriteLog> {
  await using handle = await open(file, "r");
  const { sectorBytes, count } = await readSuperblock(handle, file);
  const requests: LoggedRequest[] = [];
  let position = sectorBytes;
  for (let index = 0; index < count; index += 1) {
    const entry = await readBytes(handle, position, ENTRY_BYTES, file);
    const request = parseEntry(entry, sectorBytes, position + sectorBytes);
    requests.push(request);
    position += sectorBytes + dataBytes(entry, request, sectorBytes);
  }
  return { file, requests };
}

async function readSuperblock(
  handle: FileHandle,
  file: string,
): Promise<{ sectorBytes: number; count: number }> {
  const superblock = await readBytes(handle, 0, SUPERBLOCK_BYTES, file);
  if (superblock.readBigUInt64LE(0) !== MAGIC || superblock.readBigUInt64LE(8) !== VERSION)
    throw new TestkitError(
      "testkit.bad-write-log",
      `Cannot read write log "${file}": its superblock is not one of dm-log-writes, version 1`,
    );
  const sectorBytes = superblock.readUInt32LE(24);
  if (sectorBytes < 512 || (sectorBytes & (sectorBytes - 1)) !== 0)
    throw new TestkitError(
      "testkit.bad-write-log",
      `Cannot read write log "${file}": its sector size is ${sectorBytes}, must be a power of two from 512`,
    );
  return { sectorBytes, count: Number(superblock.readBigUInt64LE(16)) };
}

function parseEntry(entry: Buffer, sectorBytes: number, dataBytesAt: number): LoggedRequest {
  const flags = entry.readBigUInt64LE(16);
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const isMark = has(FLAG.mark);
  return {
    offsetBytes: Number(entry.readBigUInt64LE(0)) * sectorBytes,
    lengthBytes: isMark ? 0 : Number(entry.readBigUInt64LE(8)) * sectorBytes,
    isFlush: has(FLAG.flush),
    isFua: has(FLAG.fua),
    isDiscard: has(FLAG.discard),
    dataBytesAt,
  };
}

/** A discard carries no data, a mark carries text of `data_len` bytes in whole sectors. */
function dataBytes(entry: Buffer, request: LoggedRequest, sectorBytes: number): number {
  if (request.isDiscard) return 0;
  const markBytes = Number(entry.readBigUInt64LE(24));
  return Math.max(request.lengthBytes, Math.ceil(markBytes / sectorBytes) * sectorBytes);
}

async function readBytes(
  handle: FileHandle,
  position: number,
  length: number,
  file: string,
): Promise<Buffer> {
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  if (bytesRead === length) return buffer;
  throw new TestkitError(
    "testkit.bad-write-log",
    `Cannot read write log "${file}": it ends at byte ${position + bytesRead}, within a record`,
  );
}
