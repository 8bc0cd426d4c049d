import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { sha256File } from "../core/digest.ts";
import { cacheDirectory } from "../core/paths.ts";
import { formatBytes, startProgress } from "../core/progress.ts";
import type { LockedPackage } from "./lock.ts";
import { checkArchiveKeys, quote, runMmdebstrap } from "./mmdebstrap.ts";
import { sweepLeftovers } from "../core/sweep-leftovers.ts";

/** Where a package's file lies in the cache: by content, so that it is right or absent. */
export function packageFile(item: LockedPackage): string {
  return join(cacheDirectory(), "packages", `${item.sha256}.deb`);
}

/**
 * Brings the packages that are missing or damaged into the cache. `mmdebstrap` knows the archive's addresses and keys;
 * its hook runs apt against a fresh index, so each file is checked against the signed index and then against the lock.
 */
export async function fetchPackages(
  suite: string,
  packages: readonly LockedPackage[],
): Promise<void> {
  const missing: LockedPackage[] = [];
  for (const item of packages) if (!(await isPresent(item))) missing.push(item);
  if (missing.length === 0) return;
  const total = missing.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const progress = startProgress("packages");
  const directory = join(cacheDirectory(), "packages");
  await mkdir(directory, { recursive: true });
  await sweepLeftovers(directory, ".fetching-");
  const work = await mkdtemp(join(directory, ".fetching-"));
  try {
    let count = 0;
    await withApt(
      suite,
      work,
      ["apt-get", "download", ...missing.map((item) => `${item.name}=${item.version}`)],
      {
        onLine: (line) => {
          if (line.startsWith("Get:"))
            progress.update(`${++count} of ${missing.length}, ${formatBytes(total)}`);
        },
        hint: "A version that the archive no longer has is replaced by npm run packages:update; else check the network.",
      },
    );
    await adopt(work, missing);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  progress.done(`${missing.length} fetched, ${formatBytes(total)}`);
}

/**
 * Runs one apt command with the archive's index; the files that it leaves in its working directory, and its output as
 * `output`, come into the folder `work`.
 */
export async function withApt(
  suite: string,
  work: string,
  command: readonly string[],
  options: { onLine?: (line: string) => void; hint?: string; output?: string },
): Promise<void> {
  await checkArchiveKeys();
  const redirect = options.output === undefined ? "" : ` > ${quote(options.output)}`;
  const hook = [
    `set -e`,
    `mkdir "$1/ballast"`,
    `cd "$1/ballast"`,
    `export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"`,
    `${command.map(quote).join(" ")}${redirect}`,
  ].join("\n");
  const { onLine, hint } = options;
  // The target is thrown away: only the index and the hooks are wanted, nothing is installed.
  await runMmdebstrap(
    [
      "--variant=custom",
      "--format=null",
      `--customize-hook=${hook}`,
      `--customize-hook=sync-out /ballast ${quote(work)}`,
      suite,
      "/dev/null",
    ],
    {
      ...(onLine === undefined ? {} : { onLine }),
      ...(hint === undefined ? {} : { hint }),
    },
  );
}

async function isPresent(item: LockedPackage): Promise<boolean> {
  const file = packageFile(item);
  try {
    // The size first: it finds a file cut short without reading it.
    if ((await stat(file)).size !== item.sizeBytes) return false;
    return (await sha256File(file)) === item.sha256;
  } catch {
    // Absent or unreadable: fetching it anew is the answer to both.
    return false;
  }
}

async function adopt(work: string, expected: readonly LockedPackage[]): Promise<void> {
  const bySha256 = new Map(expected.map((item) => [item.sha256, item]));
  for (const name of await readdir(work)) {
    if (!name.endsWith(".deb")) continue;
    const item = bySha256.get(await sha256File(join(work, name)));
    if (item === undefined)
      throw new BuildError(
        "build.bad-package",
        `Cannot use "${name}": its SHA-256 is not the one in the lock`,
        {
          hint: "Run npm run packages:update and look at the change before you commit it.",
        },
      );
    await rename(join(work, name), packageFile(item));
    bySha256.delete(item.sha256);
  }
  const [absent] = bySha256.values();
  if (absent !== undefined)
    throw new BuildError(
      "build.package-vanished",
      `Cannot fetch ${absent.name} ${absent.version}: the archive did not give it`,
      {
        hint: "Run npm run packages:update to lock the versions that the archive has now.",
      },
    );
}
