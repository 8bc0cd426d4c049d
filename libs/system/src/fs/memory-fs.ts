import { SystemError } from "../system-error.ts";
import { READ_MAX_BYTES, type Fs } from "./fs.ts";

/** Files in a map, for tests; directories exist while something lies in them. */
export function createMemoryFs(files: Readonly<Record<string, string>> = {}): Fs {
  const texts = new Map(Object.entries(files));
  return {
    readText: async (path, options) => {
      const text = texts.get(path);
      const maxBytes = options?.maxBytes ?? READ_MAX_BYTES;
      if (text === undefined) return undefined;
      if (Buffer.byteLength(text) > maxBytes)
        throw new SystemError(
          "system.too-large",
          `Cannot read "${path}": it is longer than ${maxBytes} bytes`,
        );
      return text;
    },
    list: async (path) => {
      const below = [...texts.keys()].filter((name) => name.startsWith(`${path}/`));
      return [
        ...new Set(below.map((name) => name.slice(path.length + 1).split("/", 1)[0] ?? "")),
      ].toSorted();
    },
    exists: async (path) =>
      [...texts.keys()].some((name) => name === path || name.startsWith(`${path}/`)),
    writeDurable: async (path, text) => {
      texts.set(path, text);
    },
    remove: async (path) => {
      texts.delete(path);
    },
  };
}
