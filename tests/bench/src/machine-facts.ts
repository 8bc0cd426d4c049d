import { cpus, loadavg, release, totalmem } from "node:os";
import process from "node:process";
import { chooseAccelerator, REPOSITORY, type Accelerator } from "@ballast/vm";
import { execa } from "execa";

/** What a reader needs to judge whether two reports can be compared. */
export interface MachineFacts {
  readonly processors: number;
  readonly processorModel: string;
  readonly memoryBytes: number;
  readonly kernel: string;
  readonly node: string;
  /** Of the guests. */
  readonly accelerator: Accelerator;
  /** Over 1, 5 and 15 minutes when the run began. */
  readonly load: readonly number[];
  /** What was measured: the commit, and whether the tree differs from it; undefined outside git. */
  readonly commit: string | undefined;
  readonly isTreeChanged: boolean | undefined;
}

export async function readMachineFacts(): Promise<MachineFacts> {
  const commit = await askGit("rev-parse", "HEAD");
  const changes = await askGit("status", "--porcelain");
  return {
    processors: cpus().length,
    processorModel: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    accelerator: await chooseAccelerator(),
    load: loadavg(),
    commit,
    isTreeChanged: changes === undefined ? undefined : changes !== "",
  };
}

/** Reads only: without its optional locks git does not even refresh the index. */
async function askGit(...args: readonly string[]): Promise<string | undefined> {
  const result = await execa("git", ["--no-optional-locks", ...args], {
    cwd: REPOSITORY,
    reject: false,
    stdin: "ignore",
  });
  return result.failed ? undefined : result.stdout;
}
