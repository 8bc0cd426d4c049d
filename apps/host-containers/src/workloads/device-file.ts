import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Places } from "../places.ts";
import { inMemoryDevice, inMemoryFolders } from "./in-memory-folders.ts";
import type { Workload } from "./workload.ts";

/**
 * Tells containerd of the folders in memory of a workload. containerd watches the folder of these files, so this is to be
 * done well before they are asked for.
 */
export async function writeDevice({ name, spec }: Workload, places: Places): Promise<void> {
  if (inMemoryDevice(name, spec) === undefined) return removeDevice(name, places);
  const path = fileOf(name, places);
  const text = inMemoryFolders(name, spec);
  if ((await readFile(path, "utf8").catch(() => undefined)) === text) return;
  await mkdir(places.devices, { recursive: true });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function removeDevice(name: string, places: Places): Promise<void> {
  await rm(fileOf(name, places), { force: true });
}

function fileOf(name: string, places: Places): string {
  return join(places.devices, `${name}.json`);
}
