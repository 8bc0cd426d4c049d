import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createTarPacker } from "modern-tar";
import type { Entry } from "./entry.ts";

/**
 * Writes the tree as one archive: sorted, with one date, so that the same tree gives the same bytes. Files that share
 * their data, as one object, are hard links of the first of them.
 */
export async function writeTar(
  entries: readonly Entry[],
  file: string,
  sourceDateEpoch: number,
): Promise<void> {
  const { readable, controller } = createTarPacker();
  const mtime = new Date(sourceDateEpoch * 1000);
  const written = pipeline(Readable.fromWeb(readable), createWriteStream(file));
  const firstPaths = new Map<Uint8Array, string>();
  for (const entry of entries) {
    const header = { mode: entry.mode, uid: entry.uid, gid: entry.gid, mtime };
    if (entry.kind === "directory")
      await controller
        .add({ ...header, name: `${entry.path}/`, type: "directory", size: 0 })
        .close();
    else if (entry.kind === "symlink")
      await controller
        .add({
          ...header,
          name: entry.path,
          type: "symlink",
          size: 0,
          linkname: entry.target ?? "",
        })
        .close();
    else {
      const data = entry.data ?? new Uint8Array();
      const linkname = firstPaths.get(data);
      if (linkname !== undefined) {
        await controller
          .add({ ...header, name: entry.path, type: "link", size: 0, linkname })
          .close();
        continue;
      }
      firstPaths.set(data, entry.path);
      const writer = controller
        .add({ ...header, name: entry.path, type: "file", size: data.length })
        .getWriter();
      await writer.write(data);
      await writer.close();
    }
  }
  controller.finalize();
  await written;
}
