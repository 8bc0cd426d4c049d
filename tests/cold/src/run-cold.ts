import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BallastError } from "@ballast/errors";
import { execa } from "execa";
import { makeMachine } from "./make-machine.ts";

/** What a newcomer types; `--once` ends the guest as soon as it has answered. */
const COMMANDS = {
  start: ["npm", "start", "--", "--once"],
  test: ["npm", "test"],
} as const;

export interface ColdOptions {
  readonly keep: boolean;
  readonly only: string | undefined;
}

export async function runCold({ keep, only }: ColdOptions): Promise<void> {
  if (process.getuid?.() !== 0)
    throw new BallastError("cold.not-root", "Cannot make a machine: it takes root", {
      hint: "Run it with sudo, or read the README: npm start and npm test need no root.",
    });
  const root = await mkdtemp(join(tmpdir(), "ballast-cold-"));
  try {
    await makeMachine(root);
    await enter(root, ["git", "clone", "--quiet", "/source", "/root/ballast"], "/root");
    for (const [name, command] of Object.entries(COMMANDS))
      if (only === undefined || only === name)
        await timed(name, () => enter(root, command, "/root/ballast"));
  } finally {
    if (keep) process.stderr.write(`cold: the machine is left at ${root}\n`);
    else await rm(root, { recursive: true, force: true });
  }
}

async function timed(name: string, work: () => Promise<void>): Promise<void> {
  const startedMs = performance.now();
  await work();
  process.stderr.write(
    `cold: npm ${name} took ${Math.round((performance.now() - startedMs) / 1000)} s\n`,
  );
}

/**
 * Makes the new machine the root of a mount and process namespace of its own. Not a chroot, in which no sandbox can be
 * made, and with the whole of /proc, without which a sandbox cannot have its own.
 */
const ENTER = `set -e
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
mount --bind -o ro "$2" "$1/source"
cat /etc/resolv.conf > "$1/etc/resolv.conf"
cd "$1"
pivot_root . mnt
umount -l /mnt
cd "$3"
shift 3
# Not exec: the shell stays as the first process, and takes in those whose parents are gone.
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 CI=true "$@"
`;

/** Runs a command on the new machine: its own files and processes, this machine's network, devices and kernel. */
async function enter(root: string, command: readonly string[], cwd: string): Promise<void> {
  await mkdir(join(root, "source"), { recursive: true });
  const source = join(import.meta.dirname, "../../..");
  const namespaces = [
    "--mount",
    "--pid",
    "--ipc",
    "--fork",
    "--kill-child",
    "--propagation",
    "private",
  ];
  const result = await execa(
    "unshare",
    [...namespaces, "sh", "-c", ENTER, "enter", root, source, cwd, ...command],
    { stdin: "ignore", stdout: "inherit", stderr: "inherit", reject: false },
  );
  if (result.failed)
    throw new BallastError(
      "cold.failed",
      `Cannot run "${command.join(" ")}" on a new machine: it ended with ${result.exitCode ?? "a signal"}`,
    );
}
