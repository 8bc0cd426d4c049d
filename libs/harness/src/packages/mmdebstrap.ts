import { access, readFile, stat } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { BuildError } from "../core/build-error.ts";
import { runTool, type RunToolOptions } from "../core/run-tool.ts";

/**
 * Runs mmdebstrap. As root it changes its root directory; as anybody else it works in a user namespace, whose root is
 * one of the user's subordinate ids and cannot reach the user's private folders: hooks therefore work inside the target,
 * and only mmdebstrap's own hooks (`tar-in`, `sync-out`), which run as the user, touch what is outside.
 */
export async function runMmdebstrap(
  args: readonly string[],
  options: RunToolOptions = {},
): Promise<void> {
  const { uid, username } = userInfo();
  if (uid === 0) {
    await runTool("mmdebstrap", args, options);
    return;
  }
  await checkUserNamespaces();
  await checkSubordinateIds(username);
  // Named, because the mode that it would fall back to needs fakechroot and gives other results.
  await runTool("mmdebstrap", ["--mode=unshare", ...args], {
    ...options,
    env: { ...options.env, TMPDIR: await targetFolder(tmpdir()) },
  });
}

/** Where mmdebstrap makes its target: the user's temporary folder, unless it is private, as libpam-tmpdir makes it. */
export async function targetFolder(preferred: string): Promise<string> {
  for (let path = resolve(preferred); ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) return "/tmp";
    if (path === dirname(path)) return preferred;
  }
}

/** Quotes one word for the shell and for mmdebstrap's own hooks, which split words in the same way. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

interface IdRange {
  readonly owner: string;
  readonly first: number;
  readonly count: number;
}

/** Reads subuid(5) or subgid(5). */
export function parseSubordinateIds(text: string): IdRange[] {
  return text.split("\n").flatMap((line) => {
    const [owner = "", first, count] = line.split(":");
    return owner === "" || owner.startsWith("#")
      ? []
      : [{ owner, first: Number(first), count: Number(count) }];
  });
}

/** The command that gives a user ids that nobody has yet. */
export function addSubordinateIdsCommand(username: string, taken: readonly IdRange[]): string {
  const first = Math.max(100_000, ...taken.map((range) => range.first + range.count));
  const range = `${first}-${first + 65_535}`;
  return `sudo usermod --add-subuids ${range} --add-subgids ${range} ${username}`;
}

async function checkSubordinateIds(username: string): Promise<void> {
  const files = ["/etc/subuid", "/etc/subgid"];
  const ranges = await Promise.all(
    files.map(async (file) => parseSubordinateIds(await readFile(file, "utf8").catch(noFile))),
  );
  const lacking = files.find((_, index) => !ranges[index]!.some(({ owner }) => owner === username));
  if (lacking === undefined) return;
  throw new BuildError(
    "build.host-unfit",
    `Cannot unpack packages as user "${username}": "${lacking}" has no ids for it`,
    { hint: `Run ${addSubordinateIdsCommand(username, ranges.flat())} or build as root.` },
  );
}

/** Both switches are files that a kernel has or has not; only Debian's kernel has the second. */
async function checkUserNamespaces(): Promise<void> {
  for (const name of ["user.max_user_namespaces", "kernel.unprivileged_userns_clone"]) {
    const value = await readFile(`/proc/sys/${name.replace(".", "/")}`, "utf8").catch(noFile);
    if (value.trim() === "0")
      throw new BuildError(
        "build.host-unfit",
        `Cannot unpack packages: ${name} is 0, so only root can make user namespaces`,
        { hint: `Allow them with sysctl, or build as root.` },
      );
  }
}

const KEYRINGS = ["gpg", "pgp"].map((kind) => `/usr/share/keyrings/debian-archive-keyring.${kind}`);

/** A distribution other than Debian may have mmdebstrap without the keys of Debian's archive. */
export async function checkArchiveKeys(): Promise<void> {
  for (const file of KEYRINGS) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
  throw new BuildError(
    "build.host-unfit",
    `Cannot check packages of Debian's archive: "${KEYRINGS[0]}" is missing`,
    { hint: "Run sudo apt-get install debian-archive-keyring." },
  );
}

function noFile(error: NodeJS.ErrnoException): string {
  if (error.code !== "ENOENT") throw error;
  return "";
}
