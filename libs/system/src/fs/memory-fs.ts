import { SystemError } from "../system-error.ts";
import { decodeText } from "./decode-text.ts";
import { READ_MAX_BYTES, type Fs } from "./fs.ts";

/** Files in a map, for tests; directories exist while something lies in them. */
export function createMemoryFs(files: Readonly<Record<string, string | Uint8Array>> = {}): Fs {
  const contents = new Map(Object.entries(files));
  const modes = new Map<string, number>();
  const read = (path: string, maxBytes = READ_MAX_BYTES): Uint8Array | undefined => {
    const content = contents.get(path);
    if (content === undefined) return undefined;
    const bytes = Buffer.from(content);
    if (bytes.length <= maxBytes) return bytes;
    throw new SystemError(
      "system.too-large",
      `Cannot read "${path}": it is longer than ${maxBytes} bytes`,
    );
  };
  return {
    readText: async (path, options) => {
      const bytes = read(path, options?.maxBytes);
      return bytes === undefined ? undefined : decodeText(path, bytes);
    },
    readBytes: async (path, options) => read(path, options?.maxBytes),
    list: async (path) => {
      const below = [...contents.keys()].filter((name) => name.startsWith(`${path}/`));
      return [
        ...new Set(below.map((name) => name.slice(path.length + 1).split("/", 1)[0] ?? "")),
      ].toSorted();
    },
    exists: async (path) =>
      [...contents.keys()].some((name) => name === path || name.startsWith(`${path}/`)),
    mode: async (path) => {
      if (contents.has(path)) return modes.get(path) ?? 0o644;
      return [...contents.keys()].some((name) => name.startsWith(`${path}/`)) ? 0o755 : undefined;
    },
    writeDurable: async (path, text, mode) => {
      contents.set(path, text);
      modes.set(path, mode);
    },
    remove: async (path) => {
      contents.delete(path);
    },
  };
}
