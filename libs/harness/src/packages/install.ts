import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sha256Text } from "../core/digest.ts";
import { runTool } from "../core/run-tool.ts";
import { packageFile } from "./fetch.ts";
import type { LockedPackage } from "./lock.ts";
import { quote, runMmdebstrap } from "./mmdebstrap.ts";

export interface Installation {
  readonly suite: string;
  /** All of them, dependencies and essential packages included; they lie in the cache already. */
  readonly packages: readonly LockedPackage[];
  /** The archive that is made. */
  readonly file: string;
  /** A folder for what is needed meanwhile; the caller removes it. */
  readonly work: string;
  /** Shell lines run when everything is installed; `$1` is the new root. mmdebstrap's own, as `tar-in`, work too. */
  readonly hooks: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  onStep(count: number): void;
}

/**
 * Installs the locked packages into a new root, as one archive with owners and modes, from a repository made of exactly
 * these files: no network is used, and no version can slip in.
 */
export async function installPackages(installation: Installation): Promise<void> {
  const { suite, packages, file, work, hooks, env = {} } = installation;
  const repository = await makeRepository(work, suite, packages);
  const include = packages.map(({ name, version }) => `${name}=${version}`).join(",");
  // apt runs outside of the target and as a user who may not see the cache: it is given a copy inside the target.
  const addSource = `mkdir "$1/repository" && echo "deb [trusted=yes] copy:$1/repository ./" > "$1/etc/apt/sources.list"`;
  const removeSource = `rm -r "$1/repository" "$1/etc/apt/sources.list"`;
  let count = 0;
  await runMmdebstrap(
    [
      "--variant=essential",
      "--format=tar",
      "--dpkgopt=force-unsafe-io",
      `--include=${include}`,
      `--setup-hook=${addSource}`,
      `--setup-hook=tar-in ${quote(repository)} /repository`,
      `--customize-hook=${removeSource}`,
      ...hooks.map((hook) => `--customize-hook=${hook}`),
      suite,
      file,
      // No other source: the list is read from standard input, which is empty.
      "-",
    ],
    {
      env,
      onLine: () => {
        installation.onStep(++count);
      },
    },
  );
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
