import { randomBytes } from "node:crypto";
import { link, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { MANIFEST_TARGET, releaseName, targetsOf, type Release } from "@ballast/updates";
import { readExpires, writeBundle, type BundledFile } from "@ballast/tuf/repository";
import { PublisherError } from "../publisher-error.ts";
import { syncFolder } from "../repository/put-file.ts";
import {
  metadataFolder,
  ROOT_FILE,
  targetPath,
  type Repository,
} from "../repository/repository.ts";

export interface BundlePlan {
  readonly files: readonly BundledFile[];
  readonly releases: readonly string[];
  /** Of all files. */
  readonly sizeBytes: number;
  /** When the first of the metadata ends. */
  readonly expires: Temporal.Instant;
}

/** What goes into a bundle, in its order: metadata first, in the order in which they are asked for, then the targets. */
export async function planBundle(
  repository: Repository,
  releases: readonly Release[],
): Promise<BundlePlan> {
  const { folder, snapshotVersion, targets } = repository;
  const roots = (await readdir(metadataFolder(folder)))
    .filter((name) => ROOT_FILE.test(name))
    .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  const current = [
    "timestamp.json",
    `${snapshotVersion}.snapshot.json`,
    `${targets.version}.targets.json`,
  ];
  const files: BundledFile[] = [];
  for (const name of [...roots, ...current]) {
    const path = join(metadataFolder(folder), name);
    files.push({ name: `metadata/${name}`, path, sizeBytes: (await stat(path)).size });
  }
  for (const name of [MANIFEST_TARGET, ...releases.flatMap(targetsOf)]) {
    const file = targets.targets.get(name);
    if (file === undefined)
      throw new PublisherError(
        "publisher.bad-repository",
        `Cannot bundle "${name}": the manifest names it, but it is no target`,
      );
    const path = targetPath(folder, name, file);
    files.push({ name: `targets/${file.sha256}.${name}`, path, ...file });
  }
  return {
    files,
    releases: releases.map(releaseName),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
    expires: await firstEnd(folder, [...roots.slice(-1), ...current]),
  };
}

async function firstEnd(folder: string, names: readonly string[]): Promise<Temporal.Instant> {
  const ends: Temporal.Instant[] = [];
  for (const name of names)
    ends.push(readExpires(await readFile(join(metadataFolder(folder), name), "utf8")));
  return ends.reduce((a, b) => (Temporal.Instant.compare(a, b) < 0 ? a : b));
}

/** Writes it as a whole or not at all. A file that is there already is an error. */
export async function writeBundleFile(
  path: string,
  files: readonly BundledFile[],
  options: { onProgress: (doneBytes: number) => void; signal: AbortSignal },
): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    await refuseExisting(path);
    {
      await using file = await open(draft, "wx", 0o644);
      await writeBundle(file, files, options);
      await file.sync();
    }
    await link(draft, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    options.signal.throwIfAborted();
    if (cause instanceof PublisherError) throw cause;
    throw new PublisherError("publisher.write", `Cannot write the bundle "${path}"`, { cause });
  } finally {
    await rm(draft, { force: true });
  }
}

async function refuseExisting(path: string): Promise<void> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new PublisherError("publisher.exists", `Cannot write "${path}": it is there already`, {
      hint: "Remove it, or give the bundle another name.",
    });
}
