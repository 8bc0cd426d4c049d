import { crc32 } from "./crc32.ts";
import { hex } from "./bytes.ts";
import type { DiskReader, Geometry } from "./disk.ts";
import { decodeHeader, tableSizeBytes, type GptHeader } from "./header.ts";

export const PRIMARY_LBA = 1n;

export type CopyName = "primary" | "backup";

/** A copy of the GPT. `table` holds whole sectors: the bytes behind the last entry are kept too. */
export interface ValidCopy {
  readonly state: "valid";
  readonly header: GptHeader;
  readonly table: Uint8Array;
}

/** `fault` is one clause. `header` is there if the header alone is sound: it tells where the rest belongs. */
interface InvalidCopy {
  readonly state: "invalid";
  readonly fault: string;
  readonly header?: GptHeader;
}

export type GptCopy = ValidCopy | InvalidCopy;

/** Reads the copy whose header is at this LBA and judges it by UEFI 2.10, 5.3.2; believes no field before it is checked. */
export function readCopy(disk: DiskReader, lba: bigint): GptCopy {
  if (lba < PRIMARY_LBA || lba >= disk.sectorCount)
    return { state: "invalid", fault: `its place, LBA ${lba}, is beyond the end of the disk` };
  const header = decodeHeader(disk.read(offsetOf(disk, lba), disk.sectorSizeBytes));
  if (typeof header === "string") return { state: "invalid", fault: header };
  const fault = faultOfPlaces(disk, lba, header);
  if (fault !== undefined) return { state: "invalid", fault };
  const table = disk.read(
    offsetOf(disk, header.tableLba),
    Number(tableSectors(disk, header)) * disk.sectorSizeBytes,
  );
  const crc = crc32(table.subarray(0, tableSizeBytes(header)));
  if (crc !== header.tableCrc)
    return {
      state: "invalid",
      fault: `table CRC is ${hex(header.tableCrc)}, must be ${hex(crc)}`,
      header,
    };
  return { state: "valid", header, table };
}

export function tableSectors(geometry: Geometry, header: GptHeader): bigint {
  return BigInt(Math.ceil(tableSizeBytes(header) / geometry.sectorSizeBytes));
}

export function offsetOf(geometry: Geometry, lba: bigint): number {
  return Number(lba) * geometry.sectorSizeBytes;
}

/**
 * The primary is header, table, partitions; the backup is partitions, table, header (UEFI 2.10, 5.3.1). So two valid
 * copies never share a sector. All comparisons are on bigint, so a hostile LBA cannot overflow.
 */
function faultOfPlaces(disk: Geometry, lba: bigint, header: GptHeader): string | undefined {
  const { firstUsableLba, lastUsableLba, tableLba, ownLba, alternateLba } = header;
  const lastLba = disk.sectorCount - 1n;
  if (ownLba !== lba) return `header says that it is at LBA ${ownLba}, it is at ${lba}`;
  if (firstUsableLba <= PRIMARY_LBA || firstUsableLba > lastUsableLba || lastUsableLba >= lastLba)
    return `usable range is ${firstUsableLba} to ${lastUsableLba}, the disk ends at ${lastLba}`;
  const tableEndLba = tableLba + tableSectors(disk, header) - 1n;
  if (lba === PRIMARY_LBA) {
    if (alternateLba === PRIMARY_LBA) return "the primary header names itself as the backup";
    return tableLba > lba && tableEndLba < firstUsableLba
      ? undefined
      : `table is at LBA ${tableLba} to ${tableEndLba}, must be behind ${lba} and before ${firstUsableLba}`;
  }
  if (alternateLba !== PRIMARY_LBA)
    return `the backup header names LBA ${alternateLba} as the primary, must be ${PRIMARY_LBA}`;
  return tableLba > lastUsableLba && tableEndLba < lba
    ? undefined
    : `table is at LBA ${tableLba} to ${tableEndLba}, must be behind ${lastUsableLba} and before ${lba}`;
}
