import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fetchPackages, packageFile, readLock, runTool } from "@ballast/harness";
import type { ContainersLab } from "./containers-lab.ts";

/**
 * Brings a program of Debian into the lab that is not in the image: the one file that is named as its package, which runs
 * on the image's libc. Returns its path in the lab.
 */
export async function addTestProgram(lab: ContainersLab, name: string): Promise<string> {
  const { suite, tests } = await readLock();
  const item = tests.find((locked) => locked.name === name);
  if (item === undefined)
    throw new Error(`Cannot add "${name}": the lock has no such test program`);
  await fetchPackages(suite, [item]);
  const work = await mkdtemp(join(tmpdir(), "ballast-test-program-"));
  try {
    await runTool("dpkg-deb", ["--extract", packageFile(item), work]);
    const path = `/var/${name}`;
    await copyFile(join(work, "usr/bin", name), lab.path(path));
    await chmod(lab.path(path), 0o755);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
