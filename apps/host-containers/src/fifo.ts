import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { lstat, mkdir } from "node:fs/promises";
import { Socket } from "node:net";
import { dirname } from "node:path";
import { createNodeExec } from "@ballast/system";
import { HostContainersError } from "./errors.ts";

const TMPFILES = "/usr/bin/systemd-tmpfiles";
const MAKE_LIMIT_MS = 20_000;

/** Makes the FIFOs that are not there yet. Node cannot make one; systemd-tmpfiles can. */
export async function makeFifos(paths: readonly string[]): Promise<void> {
  const kinds = await Promise.all(paths.map(isFifo));
  const missing = paths.filter((_, index) => kinds[index] !== true);
  if (missing.length === 0) return;
  await Promise.all(missing.map((path) => mkdir(dirname(path), { recursive: true, mode: 0o700 })));
  // With "+" what lies there and is none is replaced.
  await createByTmpfiles(missing.map((path) => `p+ ${path} 0600 - -\n`).join(""));
}

async function isFifo(path: string): Promise<boolean> {
  const stats = await lstat(path).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  return stats?.isFIFO() === true;
}

async function createByTmpfiles(input: string): Promise<void> {
  const request = { file: TMPFILES, args: ["--create", "-"], input, timeoutMs: MAKE_LIMIT_MS };
  const { exitCode, stderr } = await createNodeExec().run(request);
  if (exitCode === 0) return;
  throw new HostContainersError(
    "host-containers.no-fifo",
    `Cannot make the pipes of a container: systemd-tmpfiles says "${stderr.trim()}"`,
  );
}

/**
 * Opens a FIFO to read what containers write, without an end when a writer goes: it is open for writing here too. Opened so
 * it never blocks, and an idle one takes no thread.
 */
export function openFifo(path: string): Socket {
  // Not a FileHandle: it would close what the socket still reads. Opening this way does not wait.
  const fd = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  try {
    if (!fstatSync(fd).isFIFO())
      throw new HostContainersError(
        "host-containers.no-fifo",
        `Cannot read "${path}": it is no FIFO`,
      );
    return new Socket({ fd, readable: true, writable: false });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
