import type { Fs } from "@ballast/system";
import { PATHS } from "../paths.ts";

/** What the selector says about the boot that is running, in volatile EFI variables. */
export interface SelectorReport {
  /** The running slot is not proven and the other one can boot. */
  readonly isTrial: boolean;
  /** Why the slot that does not run was passed over in this boot, if it was. */
  readonly skipped: string | undefined;
}

export async function readSelectorReport(fs: Fs): Promise<SelectorReport> {
  const loaded = await readVariable(fs, PATHS.loaderVariable);
  const lines = (await readVariable(fs, PATHS.skippedVariable))?.split("\n") ?? [];
  const [skipped] = lines
    .map((line) => /^(\S+) (.+)$/.exec(line))
    .flatMap((match) => (match === null || match[1] === loaded?.toLowerCase() ? [] : [match[2]]));
  return { isTrial: await fs.exists(PATHS.trialVariable), skipped };
}

/**
 * efivarfs gives 4 bytes of attributes and then the value, here UTF-16 with a final NUL. The selector writes ASCII alone,
 * whose UTF-16 is its UTF-8 with zero bytes between.
 */
async function readVariable(fs: Fs, path: string): Promise<string | undefined> {
  return (await fs.readText(path))?.slice(4).replaceAll("\0", "");
}
