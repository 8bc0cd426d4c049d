import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDirectory } from "../core/paths.ts";
import { startProgress } from "../core/progress.ts";
import { runTool } from "../core/run-tool.ts";
import { storeKey } from "../core/store.ts";
import { fetchPackages } from "../packages/fetch.ts";
import { installPackages } from "../packages/install.ts";
import type { Lock } from "../packages/lock.ts";
import { sweepLeftovers } from "../core/sweep-leftovers.ts";

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
  await sweepLeftovers(parent, ".building-");
  const work = await mkdtemp(join(parent, ".building-"));
  try {
    await installPackages({
      suite: lock.suite,
      packages: lock.sdk,
      file: join(work, "sdk.tar"),
      work,
      hooks: [],
      onStep: (count) => {
        progress.update(`${count} steps`);
      },
    });
    const target = join(work, "tree");
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
    for (const name of ["src", "out", "cache"]) await mkdir(join(target, name));
    await rename(target, tree).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  progress.done(`${lock.sdk.length} packages`);
  return key;
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
