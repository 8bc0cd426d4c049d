import { access, mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Text } from "../core/digest.ts";
import { cacheDirectory } from "../core/paths.ts";
import { startProgress } from "../core/progress.ts";
import { runTool } from "../core/run-tool.ts";
import { storeKey } from "../core/store.ts";
import { fetchPackages, packageFile } from "../packages/fetch.ts";
import type { Lock, LockedPackage } from "../packages/lock.ts";
import { quote, runMmdebstrap } from "../packages/mmdebstrap.ts";
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
    const repository = await makeRepository(work, lock.suite, lock.sdk);
    let count = 0;
    const include = lock.sdk.map(({ name, version }) => `${name}=${version}`).join(",");
    // apt runs outside of the target and as a user who may not see the cache: it is given a copy inside the target.
    const addSource = `mkdir "$1/repository" && echo "deb [trusted=yes] copy:$1/repository ./" > "$1/etc/apt/sources.list"`;
    const removeSource = `rm -r "$1/repository" "$1/etc/apt/sources.list"`;
    await runMmdebstrap(
      [
        "--variant=essential",
        "--format=tar",
        "--dpkgopt=force-unsafe-io",
        `--include=${include}`,
        `--setup-hook=${addSource}`,
        `--setup-hook=tar-in ${quote(repository)} /repository`,
        `--customize-hook=${removeSource}`,
        lock.suite,
        join(work, "sdk.tar"),
        // No other source: the list is read from standard input, which is empty.
        "-",
      ],
      {
        onLine: () => {
          progress.update(`${++count} steps`);
        },
      },
    );
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

/** A flat repository in one archive: the cached files and an index of their control data. */
async function makeRepository(
  work: string,
  suite: string,
  packages: readonly LockedPackage[],
): Promise<string> {
  const directory = join(work, "repository");
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
  const archive = join(work, "repository.tar");
  // Whoever builds and with whatever umask: apt's own user must be able to read them.
  const readable = ["--dereference", "--owner=0", "--group=0", "--numeric-owner", "--mode=a+rX"];
  await runTool("tar", ["-cf", archive, ...readable, "-C", directory, "."]);
  return archive;
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
