/** Files by absolute path. Reading what does not exist is an answer, not an error. */
export interface Fs {
  /** The whole text (UTF-8), or undefined if there is no such file. Longer than `maxBytes` is an error. */
  readText(path: string, options?: { readonly maxBytes?: number }): Promise<string | undefined>;
  /** The same of a file that need not be text. */
  readBytes(
    path: string,
    options?: { readonly maxBytes?: number },
  ): Promise<Uint8Array | undefined>;
  /** Names in a directory, sorted; empty if there is no such directory. */
  list(path: string): Promise<string[]>;
  /** Whether the path names something; a link counts itself, for the device behind it may be closed to this program. */
  exists(path: string): Promise<boolean>;
  /** Permission bits, those of set-id and sticky included; undefined if there is no such file. A link counts itself. */
  mode(path: string): Promise<number | undefined>;
  /**
   * Puts the text in place as a whole: after a power cut the path holds either the old or the new text.
   * Makes missing directories with mode 0755.
   */
  writeDurable(path: string, text: string, mode: number): Promise<void>;
  /** Takes a file, a link or an empty directory away; one that is absent is no error. */
  remove(path: string): Promise<void>;
}

export const READ_MAX_BYTES = 1024 * 1024;
