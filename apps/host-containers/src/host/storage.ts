import { lstat, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { HostContainer } from "./host-container.ts";
import { storagePath, type MountPlaces } from "./mounts.ts";

/** Makes the folder that outlives the container, with the user data of the settings, or without any. */
export async function prepareStorage(container: HostContainer, places: MountPlaces): Promise<void> {
  const folder = storagePath(places, container);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "user-data");
  if (container.userData === undefined) await rm(path, { force: true, recursive: true });
  else await writeDurably(path, Buffer.from(container.userData, "base64"));
}

/** Puts a file in its place, whole, where it is after a power cut too; only root reads it. */
export async function writeDurably(path: string, data: string | Uint8Array): Promise<void> {
  const fresh = `${path}.new`;
  // The container may have put something else there, a link or a folder for instance.
  await rm(fresh, { force: true, recursive: true });
  if ((await lstat(path).catch(() => undefined))?.isDirectory() === true)
    await rm(path, { recursive: true });
  const file = await open(fresh, "wx", 0o600);
  try {
    await file.writeFile(data);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const folder = await open(join(path, ".."), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Nothing if there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
