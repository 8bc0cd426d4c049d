import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { BuildError } from "../core/build-error.ts";

const PE_OFFSET_AT = 0x3c;
const COFF_BYTES = 24;
const OPTIONAL_CHECKSUM = 64;
const OPTIONAL_DIRECTORY_COUNT = 108;
const OPTIONAL_CERTIFICATES = 112 + 4 * 8;
const MAGIC_PE32_PLUS = 0x20b;

/**
 * The SHA-256 that a signature of an EFI image covers and that dbx lists: all of the file but the checksum, the entry of
 * the certificate table, and that table (Windows Authenticode Portable Executable Signature Format). So it is the same
 * before and after signing, whoever signs. Lower-case hex.
 */
export function authenticodeSha256(image: Buffer, name: string): string {
  const bad = (reason: string): BuildError =>
    new BuildError("build.bad-image", `Cannot hash "${name}": ${reason}`);
  if (image.length < PE_OFFSET_AT + 4 || image.toString("latin1", 0, 2) !== "MZ")
    throw bad("it is no PE image");
  const pe = image.readUInt32LE(PE_OFFSET_AT);
  const optional = pe + COFF_BYTES;
  if (optional + OPTIONAL_CERTIFICATES + 8 > image.length || image.readUInt32LE(pe) !== 0x4550)
    throw bad("it is no PE image");
  if (image.readUInt16LE(optional) !== MAGIC_PE32_PLUS) throw bad("it is no 64-bit PE image");
  if (image.readUInt32LE(optional + OPTIONAL_DIRECTORY_COUNT) < 5)
    throw bad("it has no place for a signature");
  const checksum = optional + OPTIONAL_CHECKSUM;
  const entry = optional + OPTIONAL_CERTIFICATES;
  const [start, bytes] = [image.readUInt32LE(entry), image.readUInt32LE(entry + 4)];
  if (bytes > 0 && start + bytes !== image.length)
    throw bad("its signature does not end where the file ends");
  const end = bytes === 0 ? image.length : start;
  if (end < entry + 8) throw bad("its signature lies in its headers");
  return createHash("sha256")
    .update(image.subarray(0, checksum))
    .update(image.subarray(checksum + 4, entry))
    .update(image.subarray(entry + 8, end))
    .update(Buffer.alloc((8 - (end % 8)) % 8))
    .digest("hex");
}

export async function authenticodeSha256File(file: string): Promise<string> {
  return authenticodeSha256(await readFile(file), file);
}
