import { crc32 } from "node:zlib";
import { viewOf } from "./bytes.ts";
import {
  bootOrder,
  changeEntry,
  GptError,
  PARTITION_TYPE,
  planWrites,
  qualifies,
  readBootFlags,
  readGpt,
  takeTry,
  writeBootFlags,
  type BootChoice,
  type EntryChanges,
  type Gpt,
} from "./index.ts";
import { applyWrites, diskOf, makeDisk, sealHeader, type MemoryDisk } from "./memory-disk.ts";

/** Offsets of all numbers in a header but its CRC: revision, size, LBAs, count and size of entries, CRC of the table. */
const HEADER_FIELDS = [8, 12, 24, 32, 40, 48, 72, 80, 84, 88] as const;

/** What the selector's code is asked (`kernel/selector/test/agree.c`), and what this library says to it. */
export interface Question {
  readonly bytes: Uint8Array;
  /** The answer of this library. */
  readonly expected: Uint8Array;
  /** Whether an answer of the same length means the same. */
  readonly isSame: (answer: Buffer) => boolean;
  readonly describe: () => string;
}

export type Random = (below: number) => number;

/** xorshift32. */
export function randomOf(seed: number): Random {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** Often from few values, so that ties and contradictions come up. */
export function slotQuestion(random: Random): Question {
  const width = random(2) === 0 ? 16 : 4;
  const slots: BootChoice[] = Array.from({ length: random(8) }, () => ({
    number: 1 + random(255),
    priority: random(width),
    triesLeft: random(3) === 0 ? 0 : random(width),
    successful: random(2) === 1,
  }));
  const unique = [...new Map(slots.map((slot) => [slot.number, slot])).values()];
  const bytes = Uint8Array.from([
    0x53,
    unique.length,
    ...unique.flatMap(({ number, priority, triesLeft, successful }) => [
      number,
      priority | (triesLeft << 4),
      Number(successful),
    ]),
  ]);
  const expected = Uint8Array.from([
    ...bootOrder(unique).map(({ number }) => number),
    unique.filter((slot) => qualifies(slot)).length,
  ]);
  return {
    bytes,
    expected,
    isSame: (answer) => answer.equals(expected),
    describe: () => `slots ${JSON.stringify(unique)}`,
  };
}

export function diskQuestion(random: Random) {
  const disk = randomDisk(random);
  const { answer, isLoaded, isTaken } = answerHere(disk);
  const head = new Uint8Array(9);
  head[0] = 0x44;
  viewOf(head).setUint32(1, disk.sectorSizeBytes, true);
  viewOf(head).setUint32(5, Number(disk.sectorCount), true);
  const bytes = Buffer.concat([head, disk.bytes]);
  const describe = (): string => `disk ${Buffer.from(disk.bytes).toString("base64")}`;
  const diskStart = answer.length - disk.bytes.length;
  const isSame = (other: Buffer): boolean => {
    if (!isLoaded || other.length !== answer.length) return other.equals(answer);
    const [theirs, ours] = [other, answer].map((each) => meaningOf(each, diskStart, disk));
    return theirs !== undefined && ours?.equals(theirs) === true;
  };
  return { question: { bytes, expected: answer, isSame, describe }, isLoaded, isTaken };
}

/**
 * An answer with a disk, without the bytes behind headers and tables: this library keeps them, the selector writes zeros.
 * Undefined if there is no table on it.
 */
function meaningOf(
  answer: Uint8Array,
  diskStart: number,
  { sectorSizeBytes }: MemoryDisk,
): Buffer | undefined {
  const meaning = Buffer.from(answer);
  const bytes = meaning.subarray(diskStart);
  const gpt = attempt(() => readGpt(diskOf(bytes, sectorSizeBytes)));
  if (gpt === undefined) return undefined;
  for (const copy of [gpt.primary, gpt.backup]) {
    if (copy.state === "invalid") continue;
    const { ownLba, tableLba, headerSizeBytes, entryCount, entrySizeBytes } = copy.header;
    const headerStart = Number(ownLba) * sectorSizeBytes;
    const tableStart = Number(tableLba) * sectorSizeBytes;
    bytes.fill(0, headerStart + headerSizeBytes, headerStart + sectorSizeBytes);
    bytes.fill(0, tableStart + entryCount * entrySizeBytes, tableStart + copy.table.length);
  }
  return meaning;
}

/** BOOT partitions among others, and now and then a damaged copy, an outdated one or a hostile header. */
function randomDisk(random: Random): MemoryDisk {
  const shape = {
    sectorSizeBytes: random(4) === 0 ? (4096 as const) : (512 as const),
    entryCount: 1 + random(10),
    entrySizeBytes: 128 << random(3),
    headerSizeBytes: 92,
  };
  const entries = new Map<number, EntryChanges>();
  for (let number = 1; number <= shape.entryCount; number++) {
    const typeGuid = [PARTITION_TYPE.boot, PARTITION_TYPE.root, undefined][random(3)];
    if (typeGuid === undefined) continue;
    const attributes = (BigInt(random(1 << 16)) << 48n) | BigInt(random(1 << 16));
    entries.set(number, { typeGuid, attributes, firstLba: 40n, lastLba: 41n });
  }
  const { bytes, sectorSizeBytes } = makeDisk(shape, entries);
  for (let damages = random(3); damages > 0; damages--) damage(bytes, sectorSizeBytes, random);
  return diskOf(bytes, sectorSizeBytes);
}

function damage(bytes: Uint8Array, sectorSizeBytes: number, random: Random): void {
  const start = random(2) === 0 ? sectorSizeBytes : bytes.length - sectorSizeBytes;
  const header = bytes.subarray(start, start + sectorSizeBytes);
  const view = viewOf(header);
  const field = HEADER_FIELDS[random(HEADER_FIELDS.length)] ?? 24;
  const how = random(8);
  if (how < 2) header[random(92)] = random(256);
  else if (how === 2) view.setUint32(field, random(2 ** 32), true);
  else if (how === 3) view.setUint32(field, random(4), true);
  else view.setUint32(field, view.getUint32(field, true) + random(5) - 2, true);
  // Else nothing but the CRCs would be tested.
  if (random(4) === 0) return;
  const tableStart = Number(view.getBigUint64(72, true)) * sectorSizeBytes;
  const tableSize = view.getUint32(80, true) * view.getUint32(84, true);
  if (tableStart + tableSize <= bytes.length)
    view.setUint32(88, crc32(bytes.subarray(tableStart, tableStart + tableSize)), true);
  if (view.getUint32(12, true) <= sectorSizeBytes) sealHeader(header);
}

/** What `kernel/selector/main.c` does before it loads anything, by this library. */
function answerHere(disk: MemoryDisk) {
  const gpt = attempt(() => readGpt(disk));
  if (gpt === undefined) return { answer: Uint8Array.of(0), isLoaded: false, isTaken: false };
  const repair = attempt(() => planWrites(gpt, gpt.table));
  const repaired = applyWrites(disk, repair ?? []);
  const choices = gpt.entries
    .filter(({ typeGuid }) => typeGuid === PARTITION_TYPE.boot)
    .map((entry) => ({ ...readBootFlags(entry.attributes), number: entry.number, entry }));
  const [first, ...others] = bootOrder(choices);
  // Two good copies are needed to take a try.
  const isTaken = first !== undefined && first.triesLeft > 0 && repair !== undefined;
  const after = isTaken ? withTryTaken(readGpt(repaired), repaired, first) : repaired;
  const order = first === undefined ? [] : [first, ...others];
  const numbers = new Uint8Array(4 * order.length);
  order.forEach(({ number }, index) => {
    viewOf(numbers).setUint32(4 * index, number, true);
  });
  const answer = Buffer.concat([
    Uint8Array.of(1, order.length),
    numbers,
    Uint8Array.of(Number(isTaken)),
    after.bytes,
  ]);
  return { answer, isLoaded: true, isTaken };
}

function withTryTaken(gpt: Gpt, disk: MemoryDisk, { number }: BootChoice): MemoryDisk {
  const before = gpt.entries.find((entry) => entry.number === number)?.attributes ?? 0n;
  const attributes = writeBootFlags(before, takeTry(readBootFlags(before)));
  return applyWrites(
    disk,
    planWrites(gpt, changeEntry(gpt.header, gpt.table, number, { attributes })),
  );
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof GptError) return undefined;
    throw error;
  }
}
