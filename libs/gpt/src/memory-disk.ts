import { crc32 } from "node:zlib";
import { viewOf } from "./bytes.ts";
import type { DiskReader, SectorSizeBytes } from "./disk.ts";
import { changeEntry, type EntryChanges } from "./entry.ts";
import { encodeGuid } from "./guid.ts";
import type { CopyWrite } from "./write-plan.ts";

/** A disk in memory, for tests. */
export interface MemoryDisk extends DiskReader {
  readonly bytes: Uint8Array;
}

export interface DiskShape {
  readonly sectorSizeBytes: SectorSizeBytes;
  readonly entryCount: number;
  readonly entrySizeBytes: number;
  readonly headerSizeBytes: number;
}

export const USUAL_SHAPE: DiskShape = {
  sectorSizeBytes: 512,
  entryCount: 128,
  entrySizeBytes: 128,
  headerSizeBytes: 92,
};

const DISK_GUID = "11111111-2222-3333-4444-555555555555";
const USABLE_SECTORS = 64;

export function diskOf(bytes: Uint8Array, sectorSizeBytes: SectorSizeBytes): MemoryDisk {
  return {
    bytes,
    sectorSizeBytes,
    sectorCount: BigInt(Math.floor(bytes.length / sectorSizeBytes)),
    read: (offset, length) => {
      if (offset < 0 || offset + length > bytes.length)
        throw new Error(`Test reads ${length} bytes at ${offset} of ${bytes.length}`);
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}

/** A disk with both copies, made without the code under test; `fill` sets the bytes that nobody knows. */
export function makeDisk(
  shape: DiskShape,
  entries: ReadonlyMap<number, EntryChanges>,
  fill: (bytes: Uint8Array, what: "header" | "table") => void = () => undefined,
): MemoryDisk {
  const { sectorSizeBytes: sector, entryCount, entrySizeBytes } = shape;
  const tableSectors = Math.ceil((entryCount * entrySizeBytes) / sector);
  const firstUsable = 2 + tableSectors;
  const lastLba = firstUsable + USABLE_SECTORS + tableSectors;
  const bytes = new Uint8Array((lastLba + 1) * sector);
  bytes[450] = 0xee;
  bytes[510] = 0x55;
  bytes[511] = 0xaa;
  let table: Uint8Array = new Uint8Array(tableSectors * sector);
  fill(table, "table");
  for (const [number, changes] of entries) table = changeEntry(shape, table, number, changes);
  const headers = [
    { own: 1, alternate: lastLba, tableLba: 2 },
    { own: lastLba, alternate: 1, tableLba: lastLba - tableSectors },
  ];
  const base = new Uint8Array(sector);
  fill(base, "header");
  for (const { own, alternate, tableLba } of headers) {
    const header = Uint8Array.from(base);
    const view = viewOf(header);
    header.set(new TextEncoder().encode("EFI PART"));
    view.setUint32(8, 0x0001_0000, true);
    view.setUint32(12, shape.headerSizeBytes, true);
    view.setBigUint64(24, BigInt(own), true);
    view.setBigUint64(32, BigInt(alternate), true);
    view.setBigUint64(40, BigInt(firstUsable), true);
    view.setBigUint64(48, BigInt(firstUsable + USABLE_SECTORS - 1), true);
    header.set(encodeGuid(DISK_GUID), 56);
    view.setBigUint64(72, BigInt(tableLba), true);
    view.setUint32(80, entryCount, true);
    view.setUint32(84, entrySizeBytes, true);
    view.setUint32(88, crc32(table.subarray(0, entryCount * entrySizeBytes)), true);
    bytes.set(sealHeader(header), own * sector);
    bytes.set(table, tableLba * sector);
  }
  return diskOf(bytes, sector);
}

/** Sets the CRC of a header sector in place. */
export function sealHeader(header: Uint8Array): Uint8Array {
  const view = viewOf(header);
  view.setUint32(16, 0, true);
  view.setUint32(16, crc32(header.subarray(0, view.getUint32(12, true))), true);
  return header;
}

export function applyWrites(disk: MemoryDisk, copies: readonly CopyWrite[]): MemoryDisk {
  const bytes = Uint8Array.from(disk.bytes);
  for (const { writes } of copies)
    for (const write of writes) bytes.set(write.bytes, write.offsetBytes);
  return diskOf(bytes, disk.sectorSizeBytes);
}
