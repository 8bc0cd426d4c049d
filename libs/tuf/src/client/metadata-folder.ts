import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeError } from "@ballast/errors";
import type { Fs } from "@ballast/system";
import { TufError } from "../errors.ts";

/** In which each follows from the one before; a crash in between leaves an older one that is fetched again. */
const ORDER: readonly string[] = ["timestamp.json", "snapshot.json"];
/** The root of trust of a refresh; what is kept of roots is their chain. */
const ROOT = "root.json";
/** Of the chain, in the state folder. */
const ROOTS = "roots";
/** Of one role's metadata, whatever length others have signed for it: a machine must hold it in memory. */
export const ROLE_MAX_BYTES = 4 * 1024 * 1024;
const ROOT_NAME = /^([1-9]\d{0,8})\.json$/;

/** A root that was verified before, as it was fetched. */
export interface KeptRoot {
  readonly version: number;
  readonly bytes: Buffer;
}

/** What tuf-js begins with: the image's own root, and the metadata that were verified last. Those it verifies again. */
export async function layOut(
  fs: Fs,
  folders: { readonly stateFolder: string; readonly folder: string; readonly trustedRoot: string },
): Promise<void> {
  const { stateFolder, folder, trustedRoot } = folders;
  await writeFile(join(folder, ROOT), trustedRoot);
  for (const name of await roleFiles(fs, stateFolder)) {
    const bytes = await fs.readBytes(join(stateFolder, name), { maxBytes: ROLE_MAX_BYTES });
    if (bytes !== undefined) await writeFile(join(folder, name), bytes);
  }
}

/**
 * The chain of roots as it was kept, by version. It is followed anew each time from the root of the image: the disk on which it
 * lies is not verified, and could else name whose signature counts.
 */
export async function readRoots(fs: Fs, stateFolder: string): Promise<KeptRoot[]> {
  const roots: KeptRoot[] = [];
  for (const name of await fs.list(join(stateFolder, ROOTS))) {
    const version = Number(ROOT_NAME.exec(name)?.[1]);
    if (Number.isNaN(version)) continue;
    const bytes = await fs.readBytes(join(stateFolder, ROOTS, name), { maxBytes: ROLE_MAX_BYTES });
    if (bytes !== undefined) roots.push({ version, bytes: Buffer.from(bytes) });
  }
  return roots.toSorted((a, b) => a.version - b.version);
}

/** Keeps what is new in the folder, durably, one file after the other; each is right by itself. */
export async function keepVerified(
  fs: Fs,
  {
    stateFolder,
    folder,
    roots,
  }: { readonly stateFolder: string; readonly folder: string; readonly roots: readonly KeptRoot[] },
): Promise<void> {
  try {
    for (const { version, bytes } of roots)
      await keep(fs, join(stateFolder, ROOTS, `${version}.json`), bytes);
    for (const name of await roleFiles(fs, folder)) {
      const bytes = await fs.readBytes(join(folder, name), { maxBytes: ROLE_MAX_BYTES });
      if (bytes !== undefined) await keep(fs, join(stateFolder, name), bytes);
    }
  } catch (cause) {
    throw new TufError(
      "tuf.store",
      `Cannot keep what was verified in "${stateFolder}": ${describeError(cause)}`,
      { cause },
    );
  }
}

async function roleFiles(fs: Fs, folder: string): Promise<string[]> {
  const names = (await fs.list(folder)).filter((name) => name.endsWith(".json") && name !== ROOT);
  return names.toSorted((a, b) => rank(a) - rank(b));
}

function rank(name: string): number {
  const place = ORDER.indexOf(name);
  return place === -1 ? ORDER.length : place;
}

async function keep(fs: Fs, path: string, bytes: Uint8Array): Promise<void> {
  const held = await fs.readBytes(path, { maxBytes: ROLE_MAX_BYTES });
  if (held !== undefined && Buffer.compare(held, bytes) === 0) return;
  await fs.writeDurable(path, Buffer.from(bytes).toString("utf8"), 0o644);
}
