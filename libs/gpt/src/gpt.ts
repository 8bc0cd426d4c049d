import { isEqual } from "./bytes.ts";
import {
  offsetOf,
  PRIMARY_LBA,
  readCopy,
  type CopyName,
  type GptCopy,
  type ValidCopy,
} from "./copy.ts";
import type { DiskReader, Geometry } from "./disk.ts";
import { decodeEntries, type GptEntry } from "./entry.ts";
import { GptError } from "./errors.ts";
import { alternateLbaHint, encodeHeader, tableSizeBytes } from "./header.ts";

/** The partition table of a disk: both copies as they are, and which of them holds. */
export interface Gpt {
  readonly geometry: Geometry;
  /** LBA 0, only looked at: nothing here ever writes it. */
  readonly protectiveMbr: { readonly bytes: Uint8Array; readonly isProtective: boolean };
  readonly primary: GptCopy;
  readonly backup: GptCopy;
  /** The primary if it is valid (UEFI 2.10, 5.3.2), else the backup. */
  readonly trusted: CopyName;
  readonly header: ValidCopy["header"];
  readonly table: Uint8Array;
  readonly entries: readonly GptEntry[];
  /** Copies that are not what they must be, in the order in which they have to be written. */
  readonly stale: readonly CopyName[];
}

/** The smallest disk: protective MBR, two headers, two tables of one sector, one usable sector. */
const MIN_SECTORS = 6n;

/** Reads both copies. Throws `gpt.no-valid-copy` with the fault of each if neither holds. */
export function readGpt(disk: DiskReader): Gpt {
  if (disk.sectorCount < MIN_SECTORS)
    throw new GptError(
      "gpt.disk-too-small",
      `Cannot read GPT: the disk holds ${disk.sectorCount} sectors, a GPT needs at least ${MIN_SECTORS}`,
    );
  const primary = readCopy(disk, PRIMARY_LBA);
  const backup = readBackup(disk, primary);
  const trusted = primary.state === "valid" ? primary : backup;
  if (trusted.state !== "valid")
    throw new GptError(
      "gpt.no-valid-copy",
      `Cannot read GPT: primary copy: ${faultOf(primary)}; backup copy: ${faultOf(backup)}`,
    );
  const mbr = disk.read(0, disk.sectorSizeBytes);
  return {
    geometry: { sectorSizeBytes: disk.sectorSizeBytes, sectorCount: disk.sectorCount },
    protectiveMbr: { bytes: mbr, isProtective: isProtectiveMbr(mbr) },
    primary,
    backup,
    trusted: trusted === primary ? "primary" : "backup",
    header: trusted.header,
    table: trusted.table,
    entries: decodeEntries(trusted.header, trusted.table),
    stale: staleCopies(primary, backup),
  };
}

export function faultOf(copy: GptCopy): string | undefined {
  return copy.state === "invalid" ? copy.fault : undefined;
}

/**
 * A valid primary names the place of the backup: after the disk grew it is not the last LBA. A damaged one only hints
 * at it, so the last LBA is looked at too; first, if not even the header is sound.
 */
function readBackup(disk: DiskReader, primary: GptCopy): GptCopy {
  if (primary.state === "valid") return readCopy(disk, primary.header.alternateLba);
  const last = disk.sectorCount - 1n;
  const hint = alternateLbaHint(disk.read(offsetOf(disk, PRIMARY_LBA), disk.sectorSizeBytes));
  const places = primary.header === undefined ? [last, hint] : [hint, last];
  const copies = places
    .filter((lba) => lba > PRIMARY_LBA && lba <= last)
    .map((lba) => readCopy(disk, lba));
  return copies.find(({ state }) => state === "valid") ?? readCopy(disk, last);
}

function isProtectiveMbr(sector: Uint8Array): boolean {
  const types = [0, 1, 2, 3].map((index) => sector[446 + index * 16 + 4]);
  return sector[510] === 0x55 && sector[511] === 0xaa && types.includes(0xee);
}

/** With both valid but different the backup is the stale one; whoever was cut off between the copies starts anew. */
function staleCopies(primary: GptCopy, backup: GptCopy): CopyName[] {
  if (primary.state === "invalid") return ["primary"];
  if (backup.state === "invalid" || !isSameTable(primary, backup)) return ["backup"];
  return [];
}

/** The same bytes but for what has to differ: the places and, with them, the header CRC. */
function isSameTable(primary: ValidCopy, backup: ValidCopy): boolean {
  const { ownLba, alternateLba, tableLba, headerSizeBytes } = backup.header;
  const wanted = encodeHeader(primary.header, { ownLba, alternateLba, tableLba });
  const size = tableSizeBytes(primary.header);
  return (
    isEqual(
      wanted.subarray(0, headerSizeBytes),
      backup.header.sector.subarray(0, headerSizeBytes),
    ) && isEqual(primary.table.subarray(0, size), backup.table.subarray(0, size))
  );
}
