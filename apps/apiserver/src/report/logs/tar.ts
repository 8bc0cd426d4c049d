const BLOCK_BYTES = 512;
const PATH_MAX_BYTES = 100;

export interface TarFile {
  /** At most 100 bytes. */
  readonly path: string;
  readonly data: Uint8Array;
  readonly modifiedAtMs: number;
}

/** Two empty blocks end an archive. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * BLOCK_BYTES);

/** A regular file of root with mode 0600 in the format ustar (POSIX.1-1988), padded to whole blocks. */
export function tarEntry({ path, data, modifiedAtMs }: TarFile): Uint8Array[] {
  if (Buffer.byteLength(path) > PATH_MAX_BYTES)
    throw new Error(`A path of the archive is longer than ${PATH_MAX_BYTES} bytes`);
  const header = Buffer.alloc(BLOCK_BYTES);
  const put = (offset: number, text: string): void => {
    header.write(text, offset, "utf8");
  };
  put(0, path);
  put(100, octal(0o600, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(data.length, 11));
  put(136, octal(Math.max(0, Math.floor(modifiedAtMs / 1000)), 11));
  // The sum counts its own field as blanks.
  put(148, " ".repeat(8));
  put(156, "0");
  put(257, "ustar\x0000");
  put(265, "root");
  put(297, "root");
  put(
    148,
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\0 `,
  );
  const rest = data.length % BLOCK_BYTES;
  return rest === 0 ? [header, data] : [header, data, Buffer.alloc(BLOCK_BYTES - rest)];
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}
