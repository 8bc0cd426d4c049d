import { crc32 } from "./crc32.ts";
import { offsetOf, tableSectors, type CopyName } from "./copy.ts";
import { copyOf, isEqual } from "./bytes.ts";
import { GptError } from "./errors.ts";
import type { Geometry } from "./disk.ts";
import type { Gpt } from "./gpt.ts";
import { encodeHeader, tableSizeBytes, type GptHeader, type HeaderChanges } from "./header.ts";

/** One run of whole sectors. */
export interface SectorWrite {
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

/** All writes of one copy (or of LBA 0), in order. The caller flushes behind each, before the first byte of the next. */
export interface CopyWrite {
  readonly copy: CopyName | "protective MBR";
  readonly writes: readonly SectorWrite[];
}

interface Place {
  readonly ownLba: bigint;
  readonly alternateLba: bigint;
  readonly tableLba: bigint;
  /** Header and table whose unknown bytes are kept. */
  readonly header: GptHeader;
  readonly slack: Uint8Array;
  /** What lies at `tableLba` now, if that is known. */
  readonly onDisk?: Uint8Array;
}

/**
 * What to write so that both copies hold `table` (as long as `gpt.table`). The copy that is not trusted comes first, so
 * that at every moment one valid copy is on the disk. Empty if both copies hold it already: this is also the repair.
 */
export function planWrites(gpt: Gpt, table: Uint8Array): CopyWrite[] {
  if (table.length !== gpt.table.length)
    throw new GptError(
      "gpt.bad-value",
      `Cannot write table of ${table.length} bytes: it must have ${gpt.table.length}`,
    );
  const size = tableSizeBytes(gpt.header);
  const isChanged = !isEqual(table.subarray(0, size), gpt.table.subarray(0, size));
  const order: CopyName[] =
    gpt.trusted === "primary" ? ["backup", "primary"] : ["primary", "backup"];
  return order
    .filter((copy) => isChanged || gpt.stale.includes(copy))
    .map((copy) => writeCopy(gpt, copy, table.subarray(0, size)));
}

function writeCopy(gpt: Gpt, copy: CopyName, entries: Uint8Array): CopyWrite {
  const place = placeOf(gpt, copy);
  const table = copyOf(place.slack);
  table.set(entries);
  const header = encodeHeader(place.header, { ...placeFields(place), tableCrc: crc32(entries) });
  return {
    copy,
    writes: [
      ...changedRuns(gpt.geometry, place.tableLba, place.onDisk, table),
      { offsetBytes: offsetOf(gpt.geometry, place.ownLba), bytes: header },
    ],
  };
}

/** The sectors of the table that are not on the disk yet, neighbours in one write. */
function changedRuns(
  geometry: Geometry,
  lba: bigint,
  onDisk: Uint8Array | undefined,
  table: Uint8Array,
): SectorWrite[] {
  const size = geometry.sectorSizeBytes;
  const start = offsetOf(geometry, lba);
  if (onDisk?.length !== table.length) return [{ offsetBytes: start, bytes: table }];
  const runs: { from: number; to: number }[] = [];
  for (let at = 0; at < table.length; at += size) {
    if (isEqual(onDisk.subarray(at, at + size), table.subarray(at, at + size))) continue;
    const last = runs.at(-1);
    if (last?.to === at) last.to += size;
    else runs.push({ from: at, to: at + size });
  }
  return runs.map(({ from, to }) => ({
    offsetBytes: start + from,
    bytes: table.subarray(from, to),
  }));
}

function placeFields({ ownLba, alternateLba, tableLba }: Place): HeaderChanges {
  return { ownLba, alternateLba, tableLba };
}

/** A sound copy stays where it is and keeps its own bytes; a stale one is made anew from the trusted one. */
function placeOf(gpt: Gpt, copy: CopyName): Place {
  const own = gpt[copy];
  if (own.state === "valid" && !gpt.stale.includes(copy))
    return { ...own.header, header: own.header, slack: own.table, onDisk: own.table };
  const ownLba = gpt.header.alternateLba;
  const tableLba = tablePlaces(gpt, copy, ownLba).find((lba) => doesFit(gpt, copy, ownLba, lba));
  if (tableLba !== undefined)
    return {
      ownLba,
      alternateLba: gpt.header.ownLba,
      tableLba,
      header: gpt.header,
      slack: gpt.table,
      ...(own.state === "valid" && own.header.tableLba === tableLba ? { onDisk: own.table } : {}),
    };
  const lastLba = gpt.geometry.sectorCount - 1n;
  const fault =
    ownLba > lastLba
      ? `its place, LBA ${ownLba}, is beyond the end of the disk, LBA ${lastLba}`
      : "its table would lie over partitions";
  throw new GptError("gpt.cannot-repair", `Cannot repair ${copy} copy of GPT: ${fault}`, {
    hint: "Nothing was written. Repair the partition table with a partitioning tool first.",
  });
}

/** Where a sound header of the damaged copy says; else beside its header, where UEFI 2.10, 5.3.1 expects it. */
function tablePlaces(gpt: Gpt, copy: CopyName, ownLba: bigint): bigint[] {
  const named = gpt[copy].header?.tableLba;
  const usual = copy === "primary" ? ownLba + 1n : ownLba - tableSectors(gpt.geometry, gpt.header);
  return named === undefined ? [usual] : [named, usual];
}

/** Repairing must never write over a partition, over the other copy or outside the disk. */
function doesFit(gpt: Gpt, copy: CopyName, ownLba: bigint, tableLba: bigint): boolean {
  const { firstUsableLba, lastUsableLba } = gpt.header;
  const tableEndLba = tableLba + tableSectors(gpt.geometry, gpt.header) - 1n;
  if (ownLba >= gpt.geometry.sectorCount) return false;
  return copy === "primary"
    ? tableLba > ownLba && tableEndLba < firstUsableLba
    : tableLba > lastUsableLba && tableEndLba < ownLba;
}
