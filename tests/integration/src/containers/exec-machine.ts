import { readdir, readFile, mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { ContainersLab } from "@ballast/testkit/containers";
import { execa } from "execa";
import { inject } from "vitest";
import { NODE_FLAGS, type Machine } from "../machine.ts";

const FOLDER = "run/ballast/containers";

/** Has the API server of a machine find the manager that runs in the lab. */
export async function shareManager(lab: ContainersLab, machine: Machine): Promise<void> {
  await mkdir(join(machine.root, FOLDER), { recursive: true });
  const socket = `${FOLDER}/exec.sock`;
  await symlink(lab.path(socket), join(machine.root, socket));
}

/** Runs the built apiclient with bytes as its input; `place` says which machine it calls. */
export async function clientWithBytes(
  place: readonly string[],
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
) {
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    [...NODE_FLAGS, inject("clientBundle"), ...place, ...args],
    {
      reject: false,
      input,
      encoding: "buffer",
      stripFinalNewline: false,
      maxBuffer: 256 * 1024 * 1024,
    },
  );
  return { exitCode, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr).toString() };
}

/** Ids, within the lab, of its processes that have this word in their command line. */
export async function processesWith(
  { namespaces }: ContainersLab,
  word: string,
): Promise<string[]> {
  const pids = (await readdir(namespaces.proc)).filter((name) => /^\d+$/.test(name));
  const found: string[] = [];
  for (const pid of pids) {
    const line = await readFile(join(namespaces.proc, pid, "cmdline"), "utf8").catch(() => "");
    if (line.split("\0").slice(1).includes(word) && line.startsWith("/probe")) found.push(pid);
  }
  return found;
}
