import { SystemError } from "../system-error.ts";

/** The text of a file, which must be UTF-8. */
export function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SystemError("system.read", `Cannot read "${path}"`, { cause });
  }
}
