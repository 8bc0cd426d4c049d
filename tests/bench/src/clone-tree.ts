import { copyFile, cp, mkdir, readdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runTool } from "@ballast/harness";
import { REPOSITORY } from "@ballast/vm";

/**
 * Copies the repository as it lies there, with changes that are not committed, to a place where it can be built and
 * edited. The npm packages are linked, those of the workspaces to the copy; nothing is fetched and the original is
 * only read.
 */
export async function cloneTree(target: string): Promise<void> {
  const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const listed = await runTool("git", ["--no-optional-locks", ...list], { cwd: REPOSITORY });
  for (const path of listed.split("\0").filter((item) => item !== "")) {
    await mkdir(dirname(join(target, path)), { recursive: true });
    await copyFile(join(REPOSITORY, path), join(target, path)).catch(ignoreDeleted);
  }
  await linkPackages(join(REPOSITORY, "node_modules"), join(target, "node_modules"));
  // turbo hashes what git knows; without a repository it would read every file on each run.
  await runTool("git", ["init", "--quiet"], { cwd: target });
  await runTool("git", ["add", "--all"], { cwd: target });
}

async function linkPackages(source: string, target: string): Promise<void> {
  await mkdir(target);
  for (const name of await readdir(source)) {
    // Their links are relative and so lead into the copy.
    const isOwn = name === "@ballast" || name === ".bin";
    if (isOwn)
      await cp(join(source, name), join(target, name), { recursive: true, verbatimSymlinks: true });
    else if (!name.startsWith(".")) await symlink(join(source, name), join(target, name));
  }
}

/** Git lists what is in the index, also when the file is gone from the tree. */
function ignoreDeleted(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
