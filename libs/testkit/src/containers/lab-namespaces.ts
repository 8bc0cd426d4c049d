import { randomUUID } from "node:crypto";
import { readdir, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { startProgram, type LabProgram } from "./lab-program.ts";

const SCRIPTS = join(import.meta.dirname, "../../containers");

const START_LIMIT_MS = 20_000;
const RUN_LIMIT_MS = 60_000;
/** The lab's, not the caller's. */
const LAB_ENV = { PATH: "/usr/bin:/usr/sbin" } as const;

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** In the lab; its root unless told. */
  readonly cwd?: string;
  readonly limitMs?: number;
}

/** Joins the groups, then becomes the program: what the lab starts is limited and found with the lab. */
const JOIN_GROUPS = `
while [ "$1" != -- ]; do
  if [ -d "$1/init" ]; then echo $$ >"$1/init/cgroup.procs"; else echo $$ >"$1/cgroup.procs"; fi
  shift
done
shift
exec "$@"`;

/**
 * A root of its own with mounts, network, processes and control groups of its own, for programs of the image on the
 * machine that tests. Needs root. Everything in it ends with it.
 */
export class LabNamespaces implements AsyncDisposable {
  readonly #keeper: LabProgram;
  /** PID 1 of the lab, as the machine counts. */
  readonly #pid: number;
  readonly #groups: readonly string[];

  private constructor(keeper: LabProgram, pid: number, groups: readonly string[]) {
    this.#keeper = keeper;
    this.#pid = pid;
    this.#groups = groups;
  }

  /**
   * `work` has `run` and `var`, which become the lab's, and there `var/probe`. With a size containerd's folder is a disk of its
   * own, in memory.
   */
  static async start(root: string, work: string, diskBytes?: number): Promise<LabNamespaces> {
    const name = `ballast-lab-${randomUUID().slice(0, 8)}`;
    const command = [join(SCRIPTS, "enter-root.sh"), root, work, "/var/probe", "init"];
    // It becomes unshare, whose only child is PID 1 of the lab.
    const keeper = startProgram("/bin/sh", [join(SCRIPTS, "start-lab.sh"), name, ...command], {
      PATH: process.env["PATH"],
      ...(diskBytes === undefined ? {} : { LAB_DISK_BYTES: String(diskBytes) }),
    });
    await keeper.waitFor("ready\n", START_LIMIT_MS);
    const groups = keeper
      .output()
      .split("\n")
      .filter((line) => line.startsWith("/"));
    return new LabNamespaces(keeper, await keeper.pid(), groups);
  }

  /** The lab's `/proc`, as a folder of the machine that tests: its processes and those of its containers, no others. */
  get proc(): string {
    return `/proc/${this.#pid}/root/proc`;
  }

  /** Starts a program in the lab, as it is found there. */
  start(command: readonly string[]): LabProgram {
    return startProgram("/bin/sh", this.#enter(command), LAB_ENV);
  }

  /** Runs a program to its end and returns what it printed; throws when it fails. */
  async run(command: readonly string[]): Promise<string> {
    const { stdout } = await execa("/bin/sh", this.#enter(command), {
      env: LAB_ENV,
      extendEnv: false,
      stdin: "ignore",
      timeout: RUN_LIMIT_MS,
    });
    return stdout;
  }

  /** The same for one that may fail: what it printed on both streams, and with what it ended; 1 if by a signal. */
  async tryRun(
    command: readonly string[],
    { env = LAB_ENV, cwd, limitMs = RUN_LIMIT_MS }: RunOptions = {},
  ): Promise<{ readonly output: string; readonly exitCode: number }> {
    const { all, exitCode = 1 } = await execa("/bin/sh", this.#enter(command, cwd), {
      ...{ env, extendEnv: false, stdin: "ignore", all: true, reject: false, timeout: limitMs },
    } as const);
    return { output: all, exitCode };
  }

  #enter(command: readonly string[], cwd?: string): string[] {
    const enter = ["nsenter", "--target", String(this.#pid), "--mount", "--net", "--pid", "--ipc"];
    const folder = cwd === undefined ? "--wd" : `--wdns=${cwd}`;
    const rest = ["--uts", "--cgroup", "--root", folder, "--", ...command];
    return ["-c", JOIN_GROUPS, "sh", ...this.#groups, "--", ...enter, ...rest];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#keeper.end("SIGKILL");
    for (const group of this.#groups) await removeGroup(group);
  }
}

/** Groups can only be removed from the innermost outwards, and once the kernel has buried their processes. */
async function removeGroup(group: string): Promise<void> {
  for (const entry of await readdir(group, { withFileTypes: true }))
    if (entry.isDirectory()) await removeGroup(join(group, entry.name));
  const deadlineMs = Date.now() + 10_000;
  for (;;) {
    try {
      await rmdir(group);
      return;
    } catch (error) {
      if (Date.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
