const SQLITE_BUSY = 5;

/**
 * Keeps another process out until it is disposed of; undefined when that one keeps us out for so long. Node has no flock(2); the
 * exclusive lock of an empty SQLite file is a lock of the kernel (fcntl), so it ends with the process however that ends, and there
 * is no stale lock to judge. The file stays, empty. Throws what SQLite throws.
 */
export function takeKernelLock(path: string, waitMs: number): Disposable | undefined {
  // Loaded here because most runs need no lock and node:sqlite costs a third of the start.
  const sqlite = process.getBuiltinModule("node:sqlite");
  const database = new sqlite.DatabaseSync(path, { timeout: waitMs });
  try {
    // Nothing is ever written, so the journal need not be a second file.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (error instanceof Error && "errcode" in error && error.errcode === SQLITE_BUSY)
      return undefined;
    throw error;
  }
  return {
    [Symbol.dispose]: () => {
      database.close();
    },
  };
}
