import { GptError } from "./errors.ts";

/** Order of the 16 bytes in the text form: the first three groups are little-endian (UEFI 2.10, appendix A). */
const TEXT_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
const DASH_AFTER = new Set([3, 5, 7, 9]);
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** 16 bytes on disk to lower-case text. */
export function decodeGuid(bytes: Uint8Array): string {
  return TEXT_ORDER.map((position, index) => {
    const digits = (bytes[position] ?? 0).toString(16).padStart(2, "0");
    return DASH_AFTER.has(index) ? `${digits}-` : digits;
  }).join("");
}

/** Text in either case to 16 bytes on disk. */
export function encodeGuid(text: string): Uint8Array {
  const guid = text.toLowerCase();
  if (!GUID.test(guid))
    throw new GptError(
      "gpt.bad-value",
      `Cannot encode GUID "${text}": it is not of the form 8-4-4-4-12`,
    );
  const digits = guid.replaceAll("-", "");
  const bytes = new Uint8Array(16);
  TEXT_ORDER.forEach((position, index) => {
    bytes[position] = Number.parseInt(digits.slice(index * 2, index * 2 + 2), 16);
  });
  return bytes;
}
