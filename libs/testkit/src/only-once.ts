import { existsSync } from "node:fs";
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PAUSE_MS = 250;

/**
 * Fills a directory that several processes share: one does it, the others wait until it has. If it fails, the next one
 * begins anew. Waits are bounded by the time limit of whoever asks.
 */
export async function onlyOnce(
  directory: string,
  fill: (directory: string) => Promise<void>,
): Promise<void> {
  const complete = join(directory, "complete");
  const busy = `${directory}.busy`;
  while (!existsSync(complete)) {
    if (!(await takes(busy))) {
      await sleep(PAUSE_MS);
      continue;
    }
    try {
      // Another one may have been through between the two looks.
      if (existsSync(complete)) return;
      await rm(directory, { recursive: true, force: true });
      await fill(directory);
      await writeFile(complete, "");
    } finally {
      await rmdir(busy);
    }
  }
}

/** Whoever makes the directory has the turn. */
async function takes(directory: string): Promise<boolean> {
  try {
    await mkdir(directory);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}
