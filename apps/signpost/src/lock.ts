import * as fs from "node:fs";
import * as os from "node:os";
import { EXIT } from "@ballast/errors";
import { takeKernelLock } from "@ballast/system/kernel-lock";
import { exitCodeOf, SignpostError } from "./errors.ts";
import type { Places } from "./places.ts";

const WAIT_MS = 5000;

/** Keeps a second signpost out; a kill leaves nothing to clean up. */
export function withLock<T>(path: string, work: () => T): T {
  using _ = takeLock(path);
  return work();
}

function takeLock(path: string): Disposable {
  let lock: Disposable | undefined;
  try {
    lock = takeKernelLock(path, WAIT_MS);
  } catch (cause) {
    throw new SignpostError("signpost.disk-locked", `Cannot lock "${path}"`, {
      cause,
      exitCode: exitCodeOf(cause),
      hint: "Nothing was written.",
    });
  }
  if (lock !== undefined) return lock;
  throw new SignpostError("signpost.disk-locked", `Cannot lock "${path}": it is held`, {
    exitCode: EXIT.tryAgain,
    hint: "Another signpost is writing: try again.",
  });
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
