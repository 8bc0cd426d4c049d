import { rmSync } from "node:fs";
import process from "node:process";
import { hasErrno } from "./errno.ts";

/** What must not outlive this process, whatever ends it short of SIGKILL (for that see setpriv in machine.ts). */
const processIds = new Set<number>();
const directories = new Set<string>();
let isHooked = false;

/** Kills this child when the process exits. Returns how to take it back: call it as soon as the child has ended. */
export function killAtExit(processId: number): () => void {
  hook();
  processIds.add(processId);
  return () => processIds.delete(processId);
}

/** Removes this directory when the process exits. Returns how to take it back. */
export function removeAtExit(directory: string): () => void {
  hook();
  directories.add(directory);
  return () => directories.delete(directory);
}

function hook(): void {
  if (isHooked) return;
  isHooked = true;
  process.on("exit", () => {
    for (const processId of processIds) kill(processId);
    for (const directory of directories) rmSync(directory, { recursive: true, force: true });
  });
}

/** SIGKILL to exactly this process; that it has gone already is what was wanted. */
export function kill(processId: number): void {
  try {
    process.kill(processId, "SIGKILL");
  } catch (error) {
    if (!hasErrno(error, "ESRCH")) throw error;
  }
}
