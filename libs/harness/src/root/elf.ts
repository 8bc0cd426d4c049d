/** What a 64-bit little-endian ELF file needs to be started (System V gABI, chapters 4 and 5). */
export interface ElfNeeds {
  readonly interpreter?: string;
  readonly libraries: readonly string[];
}

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;

export function isElf(data: Uint8Array): boolean {
  return (
    data.length > 64 && data[0] === 0x7f && data[1] === 0x45 && data[2] === 0x4c && data[3] === 0x46
  );
}

const ET_EXEC = 2;

/** Whether the kernel or the dynamic linker can start it: a static program, or one that names its interpreter. */
export function isElfProgram(data: Uint8Array): boolean {
  if (!isElf(data)) return false;
  return (
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).readUInt16LE(16) === ET_EXEC ||
    elfNeeds(data).interpreter !== undefined
  );
}

export function elfNeeds(data: Uint8Array): ElfNeeds {
  const file = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const segments = readSegments(file);
  const interp = segments.find(({ type }) => type === PT_INTERP);
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  const needed: number[] = [];
  let stringsAddress = 0;
  if (dynamic !== undefined)
    for (let at = dynamic.offset; at + 16 <= dynamic.offset + dynamic.sizeBytes; at += 16) {
      const tag = file.readBigInt64LE(at);
      const value = Number(file.readBigUInt64LE(at + 8));
      if (tag === 0n) break;
      if (tag === DT_NEEDED) needed.push(value);
      if (tag === DT_STRTAB) stringsAddress = value;
    }
  const strings = toOffset(segments, stringsAddress);
  return {
    ...(interp === undefined ? {} : { interpreter: readString(file, interp.offset) }),
    libraries: needed.map((offset) => readString(file, strings + offset)),
  };
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly sizeBytes: number;
}

function readSegments(file: Buffer): Segment[] {
  const start = Number(file.readBigUInt64LE(32));
  const entrySize = file.readUInt16LE(54);
  return Array.from({ length: file.readUInt16LE(56) }, (_, index) => {
    const at = start + index * entrySize;
    return {
      type: file.readUInt32LE(at),
      offset: Number(file.readBigUInt64LE(at + 8)),
      address: Number(file.readBigUInt64LE(at + 16)),
      sizeBytes: Number(file.readBigUInt64LE(at + 32)),
    };
  });
}

/** Dynamic entries hold addresses; the file offset follows from the segment that is loaded there. */
function toOffset(segments: readonly Segment[], address: number): number {
  const segment = segments.find(
    (item) =>
      item.type === PT_LOAD && address >= item.address && address < item.address + item.sizeBytes,
  );
  return segment === undefined ? address : address - segment.address + segment.offset;
}

function readString(file: Buffer, offset: number): string {
  return file.toString("latin1", offset, file.indexOf(0, offset));
}
