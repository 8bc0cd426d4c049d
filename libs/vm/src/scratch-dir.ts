import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { removeAtExit } from "./cleanup.ts";
import { hasErrno } from "./errno.ts";
import { readStartTicks } from "./process-identity.ts";

const PREFIX = "ballast-vm";

export interface ScratchDir extends Disposable {
  readonly path: string;
}

/**
 * A temporary directory that ends with its owner: removed on disposal or exit. What a killed process left is swept
 * by the next one; its name carries the owner's process id and start time. Kept short for unix socket paths.
 */
export function makeScratchDir(): ScratchDir {
  sweepAbandoned();
  const owner = `${process.pid}-${readStartTicks(process.pid) ?? "0"}`;
  const path = join(tmpdir(), `${PREFIX}-${owner}-${randomBytes(4).toString("hex")}`);
  mkdirSync(path, { mode: 0o700 });
  const forget = removeAtExit(path);
  return {
    path,
    [Symbol.dispose]() {
      rmSync(path, { recursive: true, force: true });
      forget();
    },
  };
}

function sweepAbandoned(): void {
  if (!existsSync(tmpdir())) return;
  for (const name of readdirSync(tmpdir())) {
    const match = /^ballast-vm-(\d+)-(\d+)-[0-9a-f]{8}$/.exec(name);
    if (match === null || readStartTicks(Number(match[1])) === match[2]) continue;
    sweep(join(tmpdir(), name));
  }
}

/** Other users' directories are theirs to sweep; of two processes that sweep at once either may come too late. */
function sweep(path: string): void {
  try {
    if (lstatSync(path).uid !== process.getuid?.()) return;
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    if (!hasErrno(error, "EACCES", "EPERM", "ENOENT", "ENOTEMPTY")) throw error;
  }
}
