import * as fs from "node:fs";
import * as os from "node:os";
import type { DatabaseSync } from "node:sqlite";
import { EXIT } from "@ballast/errors";
import { exitCodeOf, SignpostError } from "./errors.ts";
import type { Places } from "./places.ts";

const WAIT_MS = 5000;
const SQLITE_BUSY = 5;

/**
 * Keeps a second signpost out. Node has no flock(2); the exclusive lock of an empty SQLite file is a lock of the kernel
 * (fcntl), so it ends with the process however that ends, and there is no stale lock to judge. The file stays, empty.
 */
export function withLock<T>(path: string, work: () => T): T {
  const database = takeLock(path);
  try {
    return work();
  } finally {
    database.close();
  }
}

function takeLock(path: string): DatabaseSync {
  // Loaded here because most runs need no lock and node:sqlite costs a third of the start.
  const sqlite = process.getBuiltinModule("node:sqlite");
  try {
    const database = new sqlite.DatabaseSync(path, { timeout: WAIT_MS });
    try {
      // Nothing is ever written, so the journal need not be a second file.
      database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    } catch (error) {
      database.close();
      throw error;
    }
    return database;
  } catch (error) {
    const isBusy = error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY;
    throw new SignpostError("signpost.disk-locked", `Cannot lock "${path}"`, {
      cause: error,
      exitCode: isBusy ? EXIT.tryAgain : exitCodeOf(error),
      hint: isBusy ? "Another signpost is writing: try again." : "Nothing was written.",
    });
  }
}

/** One lock for each disk; of an image file it is in the user's own temporary files, named by device and inode. */
export function lockPath(diskPath: string, places: Places, isMachine: boolean): string {
  const stat = fs.statSync(diskPath);
  // A device is the same disk whether it was named or found; off a machine there is no /run/ballast.
  if (isMachine || (stat.isBlockDevice() && fs.existsSync(places.run)))
    return `${places.run}/signpost.lock`;
  const { dev, ino } = stat;
  return `${os.tmpdir()}/ballast-signpost-${os.userInfo().uid}-${dev}-${ino}.lock`;
}
