import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { sha256File } from "../core/digest.ts";
import { cacheDirectory } from "../core/paths.ts";
import { formatBytes, startProgress } from "../core/progress.ts";
import { runTool } from "../core/run-tool.ts";
import type { LockedPackage } from "./lock.ts";

/** Where a package's file lies in the cache: by content, so that it is right or absent. */
export function packageFile(item: LockedPackage): string {
  return join(cacheDirectory(), "packages", `${item.sha256}.deb`);
}

/**
 * Brings the missing packages into the cache. `mmdebstrap` knows the archive's addresses and keys; its hook runs
 * apt against a fresh index, so each file is checked against the signed index and then against the lock.
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

/** Runs one apt command with the archive's index in a scratch directory; `work` is its working directory. */
export async function withApt(
  suite: string,
  work: string,
  command: readonly string[],
  options: { onLine?: (line: string) => void; hint?: string; output?: string },
): Promise<void> {
  const hook = join(work, ".hook");
  const redirect = options.output === undefined ? "" : ` > ${quote(options.output)}`;
  await writeFile(
    hook,
    `#!/bin/sh\nset -e\ncd ${quote(work)}\nexport APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"\n${command.map(quote).join(" ")}${redirect}\n`,
    { mode: 0o755 },
  );
  // The target is thrown away: only the index and the hook are wanted, nothing is installed.
  const args = [
    "--variant=custom",
    `--customize-hook=${quote(hook)}`,
    suite,
    join(work, ".target.tar"),
  ];
  const { onLine, hint } = options;
  await runTool("mmdebstrap", args, {
    ...(onLine === undefined ? {} : { onLine }),
    ...(hint === undefined ? {} : { hint }),
  });
}

async function isPresent(item: LockedPackage): Promise<boolean> {
  try {
    return (await stat(packageFile(item))).size === item.sizeBytes;
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

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
