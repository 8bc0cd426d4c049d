import { existsSync } from "node:fs";
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
  const path = `/var/${name}`;
  if (existsSync(lab.path(path))) return path;
  const work = await mkdtemp(join(tmpdir(), "ballast-test-program-"));
  try {
    await unpackTestPackage(name, work);
    await copyFile(join(work, "usr/bin", name), lab.path(path));
    await chmod(lab.path(path), 0o755);
    return path;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Unpacks a package of Debian that only tests use, as it is locked, into a folder. */
export async function unpackTestPackage(name: string, directory: string): Promise<void> {
  const { suite, tests } = await readLock();
  const item = tests.find((locked) => locked.name === name);
  if (item === undefined)
    throw new Error(`Cannot unpack "${name}": the lock has no such package for tests`);
  await fetchPackages(suite, [item]);
  await runTool("dpkg-deb", ["--extract", packageFile(item), directory]);
}
