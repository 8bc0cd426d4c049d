import { TufError } from "../errors.ts";

export const BLOCK_BYTES = 512;
/** Of what pax records a bundle may have: one path. */
export const PAX_MAX_BYTES = 1024;

/** One header block of a tar archive, as a bundle may have it (POSIX.1-2017, pax, "ustar Interchange Format"). */
export interface TarHeader {
  /** `path`: its data are pax records of the file that follows. */
  readonly kind: "file" | "path";
  /** Of the ustar fields; a pax record may say another one. */
  readonly name: string;
  readonly sizeBytes: number;
}

/** Undefined: the block is empty, as the two at the end are. Throws `tuf.bad-bundle`. */
export function readHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (block.toString("latin1", 257, 265) !== "ustar\u000000") throw badBundle("it is no POSIX tar");
  if (octal(block, 148, 8) !== checksum(block)) throw badBundle("a header of it was changed");
  const type = block.toString("latin1", 156, 157);
  if (type !== "0" && type !== "x")
    // Links, folders and devices could only be there to mislead.
    throw badBundle(`it holds an entry of type ${JSON.stringify(type)}, which is no plain file`);
  const [prefix, name] = [text(block, 345, 155), text(block, 0, 100)];
  return {
    kind: type === "0" ? "file" : "path",
    name: prefix === "" ? name : `${prefix}/${name}`,
    sizeBytes: octal(block, 124, 12),
  };
}

/** Where the entry after one of this size begins, from its data. */
export function paddedBytes(sizeBytes: number): number {
  return Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
}

/** The path in pax records that hold nothing else (`LENGTH path=NAME\n`). Throws `tuf.bad-bundle`. */
export function readPaxPath(records: Buffer): string {
  const all = records.toString("utf8");
  const [, length, path] = /^(\d{1,4}) path=([^\n\0]+)\n$/.exec(all) ?? [];
  if (path === undefined || Number(length) !== records.length)
    throw badBundle("it has an extended header that tells more than a path");
  return path;
}

/** Of the header with blanks in the place of the sum. */
export function checksum(block: Buffer): number {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum;
}

export function badBundle(reason: string): TufError {
  return new TufError("tuf.bad-bundle", `Cannot read the bundle: ${reason}`, {
    hint: "It was cut or changed on its way, or is none: bring it once more.",
  });
}

/** Octal digits with a NUL or blank behind them. What GNU tar writes for large numbers is none of it. */
function octal(block: Buffer, offset: number, length: number): number {
  const digits = block.toString("latin1", offset, offset + length).replace(/[\0 ]+$/, "");
  if (!/^[0-7]+$/.test(digits)) throw badBundle("a header of it has no plain number");
  return Number.parseInt(digits, 8);
}

function text(block: Buffer, offset: number, length: number): string {
  const bytes = block.subarray(offset, offset + length);
  const end = bytes.indexOf(0);
  return bytes.toString("latin1", 0, end === -1 ? length : end);
}
