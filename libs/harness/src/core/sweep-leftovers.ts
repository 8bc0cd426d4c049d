import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const OLD_MS = 24 * 60 * 60 * 1000;

/**
 * Removes the work folders that interrupted runs left in a folder of the cache. Only age tells: a process id would
 * not, because containers with their own ids may share a cache, and no step takes a day.
 */
export async function sweepLeftovers(
  directory: string,
  prefix: `.${string}-`,
  nowMs: number = Date.now(),
): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name);
    try {
      if (nowMs - (await stat(path)).mtimeMs > OLD_MS)
        await rm(path, { recursive: true, force: true });
    } catch (error) {
      // Another build may have removed it first. What cannot be removed is in nobody's way, but somebody should know.
      if (isMissing(error)) continue;
      process.stderr.write(`cache: cannot remove the leftover "${path}": ${String(error)}\n`);
    }
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
