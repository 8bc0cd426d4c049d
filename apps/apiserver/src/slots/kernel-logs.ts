import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorFields, type Log } from "@ballast/service";

/** What a kernel said at its end, kept by the firmware and filed by systemd-pstore(8). */
export interface KernelLog {
  /** Place below the archive; each end of a kernel has one of its own. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** Its last 64 KiB. */
  readonly text: string;
}

const NAME = "dmesg.txt";
const TAIL_BYTES = 64 * 1024;
/** A machine that panics all day fills the archive; the newest are of interest. */
const MAX_LOGS = 16;

/** All logs in the archive, oldest first. Those that cannot be read are passed over and logged. */
export async function readKernelLogs(archive: string, log: Log): Promise<KernelLog[]> {
  const found: KernelLog[] = [];
  for (const id of await findLogs(archive))
    try {
      found.push(await readLog(archive, id));
    } catch (error) {
      log.warn("Kernel log not read", { id, ...errorFields(error) });
    }
  return found.toSorted((left, right) => left.at.localeCompare(right.at)).slice(-MAX_LOGS);
}

async function findLogs(archive: string): Promise<string[]> {
  try {
    const entries = await readdir(archive, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && entry.name === NAME)
      .map((entry) => entry.parentPath.slice(archive.length + 1));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

async function readLog(archive: string, id: string): Promise<KernelLog> {
  const path = join(archive, id, NAME);
  const { mtime } = await stat(path);
  return { id, at: (timeOf(id) ?? mtime).toISOString(), text: await readTail(path) };
}

/** Records of EFI variables are filed by the second in which they were written. */
function timeOf(id: string): Date | undefined {
  const seconds = /^(\d{9,11})(?:\/|$)/.exec(id)?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000);
}

async function readTail(path: string): Promise<string> {
  await using file = await open(path, "r");
  const { size } = await file.stat();
  const start = Math.max(0, size - TAIL_BYTES);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size, TAIL_BYTES)), {
    position: start,
  });
  // A dying kernel may leave any bytes.
  return buffer.subarray(0, bytesRead).toString("utf8");
}
