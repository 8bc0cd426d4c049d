import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import type { RootTree } from "./entry.ts";

/** Adds every file below a folder of the repository; the mode is 0755 for executables, else 0644. */
export async function addFiles(
  tree: RootTree,
  from: string,
  to: string,
  origin: string,
): Promise<void> {
  const items = await readdir(from, { recursive: true, withFileTypes: true });
  for (const item of items.toSorted((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    if (!item.isFile()) continue;
    const file = join(item.parentPath, item.name);
    const executable = ((await stat(file)).mode & 0o100) !== 0;
    tree.addFile(
      join(to, relative(from, file)),
      await readFile(file),
      origin,
      executable ? 0o755 : 0o644,
    );
  }
}
