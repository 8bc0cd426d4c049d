import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { hasErrno } from "./errno.ts";
import { readStartTicks } from "./process-identity.ts";
import { VmError } from "./vm-error.ts";

/**
 * Takes a lock file for this process until disposal. A lock whose owner has died is taken over: the file names the
 * owner's process id and start time.
 */
export function takeLock(file: string, guest: string): Disposable {
  if (!create(file)) {
    const owner = readOwner(file);
    if (owner !== undefined)
      throw new VmError(
        "vm.name-in-use",
        `Cannot start guest "${guest}": process ${owner} runs it`,
        {
          hint: "Stop that one, or start another guest with --name.",
        },
      );
    rmSync(file, { force: true });
    if (!create(file))
      throw new VmError("vm.name-in-use", `Cannot start guest "${guest}": it is being started`);
  }
  return {
    [Symbol.dispose]() {
      rmSync(file, { force: true });
    },
  };
}

/** The file appears with its whole content: an empty one would be taken for a lock without a living owner. */
function create(file: string): boolean {
  const temporary = `${file}.${process.pid}-${randomBytes(4).toString("hex")}`;
  const content = `${process.pid} ${readStartTicks(process.pid) ?? ""}\n`;
  writeFileSync(temporary, content, { flag: "wx", mode: 0o600 });
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (hasErrno(error, "EEXIST")) return false;
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Process id of the living owner, if there is one. */
function readOwner(file: string): number | undefined {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (error) {
    // Its owner has just given it back.
    if (hasErrno(error, "ENOENT")) return undefined;
    throw error;
  }
  const [processId, startTicks] = content.trim().split(" ");
  const isAlive = startTicks !== undefined && readStartTicks(Number(processId)) === startTicks;
  return isAlive ? Number(processId) : undefined;
}
