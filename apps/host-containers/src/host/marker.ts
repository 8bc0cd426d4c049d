import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Has systemd start the containerd of host containers, if it does not run. */
export async function askForContainerd(marker: string): Promise<void> {
  if (existsSync(marker)) return;
  await mkdir(dirname(marker), { recursive: true });
  await writeFile(marker, "");
}
