import { crc32 } from "./crc32.ts";
import { copyOf, hex, viewOf } from "./bytes.ts";
import { decodeGuid } from "./guid.ts";

const SIGNATURE = 0x5452415020494645n; // "EFI PART"
const REVISION = 0x0001_0000;
const HEADER_MIN_BYTES = 92;
const TABLE_MAX_BYTES = 1024 * 1024;

/** The header of one copy (UEFI 2.10, 5.3.2). `sector` is all of its sector, so that no unknown byte is lost. */
export interface GptHeader {
  readonly sector: Uint8Array;
  readonly revision: number;
  readonly headerSizeBytes: number;
  readonly ownLba: bigint;
  readonly alternateLba: bigint;
  readonly firstUsableLba: bigint;
  readonly lastUsableLba: bigint;
  readonly diskGuid: string;
  readonly tableLba: bigint;
  readonly entryCount: number;
  readonly entrySizeBytes: number;
  readonly tableCrc: number;
}

export interface HeaderChanges {
  readonly ownLba?: bigint;
  readonly alternateLba?: bigint;
  readonly tableLba?: bigint;
  readonly lastUsableLba?: bigint;
  readonly tableCrc?: number;
}

/** The header in this sector, or one clause that says why it is none. Looks at nothing outside the sector. */
export function decodeHeader(sector: Uint8Array): GptHeader | string {
  const view = viewOf(sector);
  if (view.getBigUint64(0, true) !== SIGNATURE) return 'signature "EFI PART" is missing';
  const headerSizeBytes = view.getUint32(12, true);
  if (headerSizeBytes < HEADER_MIN_BYTES || headerSizeBytes > sector.length)
    return `header size is ${headerSizeBytes}, must be ${HEADER_MIN_BYTES} to ${sector.length}`;
  const crc = view.getUint32(16, true);
  const expectedCrc = headerCrc(sector, headerSizeBytes);
  if (crc !== expectedCrc) return `header CRC is ${hex(crc)}, must be ${hex(expectedCrc)}`;
  const header: GptHeader = {
    sector,
    revision: view.getUint32(8, true),
    headerSizeBytes,
    ownLba: view.getBigUint64(24, true),
    alternateLba: view.getBigUint64(32, true),
    firstUsableLba: view.getBigUint64(40, true),
    lastUsableLba: view.getBigUint64(48, true),
    diskGuid: decodeGuid(sector.subarray(56, 72)),
    tableLba: view.getBigUint64(72, true),
    entryCount: view.getUint32(80, true),
    entrySizeBytes: view.getUint32(84, true),
    tableCrc: view.getUint32(88, true),
  };
  return faultOfShape(header) ?? header;
}

/** A copy of the header's sector with these fields changed and a fresh CRC; every other byte is kept. */
export function encodeHeader(header: GptHeader, changes: HeaderChanges): Uint8Array {
  const sector = copyOf(header.sector);
  const view = viewOf(sector);
  view.setBigUint64(24, changes.ownLba ?? header.ownLba, true);
  view.setBigUint64(32, changes.alternateLba ?? header.alternateLba, true);
  view.setBigUint64(48, changes.lastUsableLba ?? header.lastUsableLba, true);
  view.setBigUint64(72, changes.tableLba ?? header.tableLba, true);
  view.setUint32(88, changes.tableCrc ?? header.tableCrc, true);
  view.setUint32(16, headerCrc(sector, header.headerSizeBytes), true);
  return sector;
}

/** Where the sector says that the other copy is, sound or not: a hint where to look, no more. */
export function alternateLbaHint(sector: Uint8Array): bigint {
  return viewOf(sector).getBigUint64(32, true);
}

/** Size of the table that the CRC covers. */
export function tableSizeBytes(header: GptHeader): number {
  return header.entryCount * header.entrySizeBytes;
}

function headerCrc(sector: Uint8Array, headerSizeBytes: number): number {
  const covered = copyOf(sector.subarray(0, headerSizeBytes));
  covered.fill(0, 16, 20);
  return crc32(covered);
}

function faultOfShape(header: GptHeader): string | undefined {
  const { revision, entrySizeBytes, entryCount } = header;
  if (revision !== REVISION) return `revision is ${hex(revision)}, must be ${hex(REVISION)}`;
  if (entrySizeBytes < 128 || (entrySizeBytes & (entrySizeBytes - 1)) !== 0)
    return `entry size is ${entrySizeBytes}, must be a power of two from 128`;
  if (entryCount === 0) return "table has no entries";
  if (tableSizeBytes(header) > TABLE_MAX_BYTES)
    return `table has ${tableSizeBytes(header)} bytes, must be at most ${TABLE_MAX_BYTES}`;
  return undefined;
}
