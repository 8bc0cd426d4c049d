import { access, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Text } from "../core/digest.ts";
import { cacheDirectory } from "../core/paths.ts";
import { startProgress } from "../core/progress.ts";
import { runTool } from "../core/run-tool.ts";
import { storeKey } from "../core/store.ts";
import { fetchPackages, packageFile } from "../packages/fetch.ts";
import type { Lock, LockedPackage } from "../packages/lock.ts";

/** Changes whenever the way in which the tree is made changes, so that old trees are not taken for new ones. */
const RECIPE = 1;

/** What the sdk is: a name for one exact set of packages, the same on every machine. */
export function sdkKey(lock: Lock): string {
  return storeKey("sdk", {
    recipe: RECIPE,
    suite: lock.suite,
    packages: lock.sdk.map(({ sha256 }) => sha256),
  });
}

export function sdkTree(key: string): string {
  return join(cacheDirectory(), "sdk", key);
}

/**
 * Makes the build root: the locked packages, installed by mmdebstrap from a repository made of exactly these files.
 * No network is used besides fetching them, and no version can slip in. The tree appears by one rename.
 */
export async function ensureSdk(lock: Lock): Promise<string> {
  const key = sdkKey(lock);
  const tree = sdkTree(key);
  if (await exists(tree)) return key;
  await fetchPackages(lock.suite, lock.sdk);
  const progress = startProgress("sdk");
  const parent = join(cacheDirectory(), "sdk");
  await mkdir(parent, { recursive: true });
  const work = await mkdtemp(join(parent, ".building-"));
  try {
    const repository = join(work, "repository");
    await makeRepository(repository, lock.suite, lock.sdk);
    const target = join(work, "tree");
    let count = 0;
    const include = lock.sdk.map(({ name, version }) => `${name}=${version}`).join(",");
    const source = `deb [trusted=yes] copy:${repository} ./`;
    await runTool(
      "mmdebstrap",
      [
        "--variant=essential",
        "--format=tar",
        "--dpkgopt=force-unsafe-io",
        `--include=${include}`,
        lock.suite,
        join(work, "sdk.tar"),
        source,
      ],
      {
        onLine: () => {
          progress.update(`${++count} steps`);
        },
      },
    );
    // Unpacked as the calling user: owners do not matter for tools, and no root is needed. Devices come from bubblewrap.
    await mkdir(target);
    await runTool("tar", [
      "-xf",
      join(work, "sdk.tar"),
      "-C",
      target,
      "--exclude=./dev/*",
      "--no-same-owner",
    ]);
    // Mount points for what builds bind; the tree itself is never written to.
    for (const name of ["src", "out", "work", "cache"]) await mkdir(join(target, name));
    await rename(target, tree).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  progress.done(`${lock.sdk.length} packages`);
  return key;
}

/** A flat repository: links to the cached files and an index of their control data. */
async function makeRepository(
  directory: string,
  suite: string,
  packages: readonly LockedPackage[],
): Promise<void> {
  await mkdir(directory);
  const paragraphs: string[] = [];
  for (const item of packages) {
    const file = packageFile(item);
    await symlink(file, join(directory, `${item.sha256}.deb`));
    const control = await runTool("dpkg-deb", ["--field", file]);
    paragraphs.push(
      `${control.trimEnd()}\nFilename: ./${item.sha256}.deb\nSize: ${item.sizeBytes}\nSHA256: ${item.sha256}\n`,
    );
  }
  const index = paragraphs.join("\n");
  await writeFile(join(directory, "Packages"), index);
  // mmdebstrap picks the essential packages by code name, which only a Release file can state.
  const digest = ` ${sha256Text(index)} ${Buffer.byteLength(index)} Packages\n`;
  await writeFile(
    join(directory, "Release"),
    `Suite: ${suite}\nCodename: ${suite}\nSHA256:\n${digest}`,
  );
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // Whatever the reason, making it anew is the answer, and will say why it cannot.
    return false;
  }
}
