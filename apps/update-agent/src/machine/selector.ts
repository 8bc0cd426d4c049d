import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/** Version of the slot selector that started the machine; 0: an unknown one, or none. It lies on the ESP, where no release replaces it. */
export async function readSelectorVersion(fs: Fs): Promise<number> {
  // 4 bytes of attributes, then UTF-16LE with a final NUL (UEFI 2.10, 8.2; efivarfs).
  const bytes = await fs.readBytes(PATHS.loaderInfo);
  if (bytes === undefined) return 0;
  const info = Buffer.from(bytes).subarray(4).toString("utf16le").replaceAll("\0", "");
  return Number(/^ballast-selector (\d{1,9})$/.exec(info)?.[1] ?? 0);
}
