import { open, type FileHandle } from "node:fs/promises";
import { createHash } from "node:crypto";
import type { DiskReader } from "@ballast/gpt";
import type { WriteLog } from "./write-log.ts";

const SECTOR_BYTES = 512;
/** Protective MBR, header, 128 entries of 128 bytes; at the end of the disk all but the MBR. */
const FRONT_SECTORS = 34;
const BACK_SECTORS = 33;
/** More than this of one flush to the next is no table update. */
const MAX_STATES_PER_FLUSH = 1 << 12;

/** What a power cut left of the sectors of both table copies; a disk without anything between them. */
export interface TableState extends DiskReader {
  readonly sectorSizeBytes: typeof SECTOR_BYTES;
  /** The state of the disk outside the tables: at least so many requests of the log are done. */
  readonly requestCount: number;
  readonly sectors: ReadonlyMap<number, Buffer>;
}

/**
 * Every state in which a power cut at any time of the log leaves the partition table of the disk that was `before`:
 * of the writes since the last flush each sector may be there or not, whatever the order. Each state once, in order.
 */
export async function tableStates(log: WriteLog, before: string): Promise<readonly TableState[]> {
  await using source = await open(log.file, "r");
  await using disk = await open(before, "r");
  const sectorCount = Math.floor((await disk.stat()).size / SECTOR_BYTES);
  const isTable = (sector: number): boolean =>
    sector < FRONT_SECTORS || sector >= sectorCount - BACK_SECTORS;
  const medium = new Medium(await readTables(disk, sectorCount), BigInt(sectorCount));
  for (const [index, request] of log.requests.entries()) {
    if (request.isFlush) medium.flush(index + 1);
    const first = request.offsetBytes / SECTOR_BYTES;
    const sectors = Array.from(
      { length: request.lengthBytes / SECTOR_BYTES },
      (_, offset) => first + offset,
    ).filter(isTable);
    // A discarded table would be no table; nothing here discards one.
    if (request.isDiscard) continue;
    for (const sector of sectors) {
      const position = request.dataBytesAt + (sector - first) * SECTOR_BYTES;
      medium.write(sector, await readAt(source, position, SECTOR_BYTES));
    }
    if (request.isFua) medium.settle(sectors);
  }
  medium.flush(log.requests.length);
  return medium.states;
}

/** Writes the sectors of a state into a raw image. */
export async function writeTableState(state: TableState, rawImage: string): Promise<void> {
  await using handle = await open(rawImage, "r+");
  for (const [sector, data] of state.sectors)
    await handle.write(data, 0, SECTOR_BYTES, sector * SECTOR_BYTES);
}

/** The table's sectors on the medium, and those that are still in the disk's cache, in all their versions. */
class Medium {
  readonly states: TableState[] = [];
  readonly #settled: Map<number, Buffer>;
  readonly #cached = new Map<number, Buffer[]>();
  readonly #known = new Set<string>();
  readonly #sectorCount: bigint;
  #requestCount = 0;

  constructor(tables: Map<number, Buffer>, sectorCount: bigint) {
    this.#settled = tables;
    this.#sectorCount = sectorCount;
  }

  write(sector: number, data: Buffer): void {
    const versions = this.#cached.get(sector) ?? [];
    const newest = versions.at(-1) ?? this.#settled.get(sector);
    if (newest?.equals(data) !== true) this.#cached.set(sector, [...versions, data]);
  }

  /** All that is cached is on the medium from now on. */
  flush(requestCount: number): void {
    this.settle([...this.#cached.keys()]);
    this.#requestCount = requestCount;
  }

  /** These sectors are on the medium from now on. */
  settle(sectors: readonly number[]): void {
    this.#addStates();
    for (const sector of sectors) {
      const newest = this.#cached.get(sector)?.at(-1);
      if (newest !== undefined) this.#settled.set(sector, newest);
      this.#cached.delete(sector);
    }
  }

  #addStates(): void {
    let maps = [new Map(this.#settled)];
    for (const [sector, versions] of this.#cached) {
      maps = maps.flatMap((map) => [
        map,
        ...versions.map((version) => new Map(map).set(sector, version)),
      ]);
      if (maps.length > MAX_STATES_PER_FLUSH)
        throw new Error(
          `More than ${MAX_STATES_PER_FLUSH} states of the table between two flushes`,
        );
    }
    for (const map of maps) this.#add(map);
  }

  #add(sectors: ReadonlyMap<number, Buffer>): void {
    const digest = createHash("sha256");
    for (const data of sectors.values()) digest.update(data);
    const key = digest.digest("hex");
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.states.push({
      sectorSizeBytes: SECTOR_BYTES,
      sectorCount: this.#sectorCount,
      requestCount: this.#requestCount,
      sectors,
      read: (offsetBytes, lengthBytes) => readSectors(sectors, offsetBytes, lengthBytes),
    });
  }
}

function readSectors(
  sectors: ReadonlyMap<number, Buffer>,
  offsetBytes: number,
  lengthBytes: number,
): Uint8Array {
  const first = offsetBytes / SECTOR_BYTES;
  const parts = Array.from({ length: lengthBytes / SECTOR_BYTES }, (_, index) => {
    const data = sectors.get(first + index);
    if (data === undefined) throw new Error(`Sector ${first + index} is in no table`);
    return data;
  });
  return Buffer.concat(parts);
}

async function readTables(disk: FileHandle, sectorCount: number): Promise<Map<number, Buffer>> {
  const tables = new Map<number, Buffer>();
  const numbers = [
    ...Array.from({ length: FRONT_SECTORS }, (_, index) => index),
    ...Array.from({ length: BACK_SECTORS }, (_, index) => sectorCount - BACK_SECTORS + index),
  ];
  for (const sector of numbers)
    tables.set(sector, await readAt(disk, sector * SECTOR_BYTES, SECTOR_BYTES));
  return tables;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, position);
  return buffer;
}
