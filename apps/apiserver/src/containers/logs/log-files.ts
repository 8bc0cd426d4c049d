import { constants } from "node:fs";
import { lstat, open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";

/** A file of a container's log that is open: what it holds can be read when its name is another one's, or gone. */
export interface LogFile {
  /** Which start of the container wrote it. */
  readonly attempt: number;
  readonly inode: number;
  readonly sizeBytes: number;
  readonly handle: FileHandle;
}

/** Which of the files, the oldest first, came after a known one. Pure. */
export function newerThan<File extends { readonly attempt: number; readonly inode: number }>(
  files: readonly File[],
  known: Pick<File, "attempt" | "inode"> | undefined,
): readonly File[] {
  if (known === undefined) return files;
  const index = files.findIndex(({ inode }) => inode === known.inode);
  if (index !== -1) return files.slice(index + 1);
  // It is gone, and so is what was before it: but files of earlier starts may wait to be removed.
  const newer = files.filter(({ attempt }) => attempt >= known.attempt);
  // All are of earlier starts when the container was made anew, and counts from 0 again.
  return newer.length > 0 ? newer : files;
}

/** Opens what there is of a log, the oldest first, without what is not newer than a file that is known. */
export async function openLogFiles(
  folder: string,
  known: LogFile | undefined,
): Promise<readonly LogFile[]> {
  const names = await listNames(folder);
  const [newest] = names;
  // What is so nearly always costs the least.
  if (newest === undefined || (await inodeOf(newest.path)) === known?.inode) return [];
  const files: LogFile[] = [];
  // The newest first: a file that is put aside meanwhile is met twice and not missed.
  for (const { path, attempt } of names) {
    const file = await openLog(path, attempt);
    if (file === undefined) continue;
    if (files.some(({ inode }) => inode === file.inode)) await file.handle.close();
    else files.unshift(file);
  }
  const newer = newerThan(files, known);
  const others = files.filter((file) => !newer.includes(file));
  await Promise.all(others.map(({ handle }) => handle.close()));
  return newer;
}

interface LogName {
  readonly path: string;
  readonly attempt: number;
}

/** The newest first. */
async function listNames(folder: string): Promise<LogName[]> {
  const names = await ifThere(readdir(folder));
  return (names ?? [])
    .flatMap((name) => {
      const [found, attempt, aside = ""] = /^(\d{1,9})\.log(\.1)?$/.exec(name) ?? [];
      if (found === undefined) return [];
      return [{ path: join(folder, name), attempt: Number(attempt), aside }];
    })
    .toSorted((a, b) => b.attempt - a.attempt || a.aside.length - b.aside.length);
}

async function inodeOf(path: string): Promise<number | undefined> {
  return (await ifThere(lstat(path)))?.ino;
}

async function openLog(path: string, attempt: number): Promise<LogFile | undefined> {
  // A container may be given this folder: nothing in it is followed or waited for.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await ifThere(open(path, flags));
  if (handle === undefined) return undefined;
  const { ino: inode, size: sizeBytes, isFile } = await statOf(handle);
  if (isFile) return { attempt, inode, sizeBytes, handle };
  await handle.close();
  return undefined;
}

async function statOf(handle: FileHandle) {
  const found = await handle.stat();
  return { ino: found.ino, size: found.size, isFile: found.isFile() };
}

const NOT_THERE: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"]);

async function ifThere<Value>(found: Promise<Value>): Promise<Value | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof Error && "code" in error && NOT_THERE.has(error.code)) return undefined;
    throw error;
  }
}
