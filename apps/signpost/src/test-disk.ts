import * as fs from "node:fs";
import * as path from "node:path";
import { describeError, BallastError } from "@ballast/errors";
import { DATA_TYPE, PARTITION_TYPE, STATE_TYPE, type BootFlags } from "@ballast/gpt";
import { createLog } from "@ballast/service";
import type { Places } from "./places.ts";
import { runSignpost } from "./program.ts";
import { sgdisk } from "./test-tools.ts";

/** Disks and machines for tests, made with sgdisk in a temporary directory. */
export const BOOT_GUID = {
  A: "aaaaaaaa-0000-4000-8000-000000000002",
  B: "bbbbbbbb-0000-4000-8000-000000000005",
} as const;

const { boot, root, hash } = PARTITION_TYPE;

/** ESP, slot A, slot B, STATE, DATA. */
export const TYPES = ["ef00", boot, root, hash, boot, root, hash, STATE_TYPE, DATA_TYPE] as const;

/** Nine partitions as on a machine; A is 1/2/unproven, B is empty. */
export function makeDiskImage(file: string): string {
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 16 * 1024 * 1024);
  const parts = TYPES.flatMap((type, index) => [`-n${index + 1}:0:+1M`, `-t${index + 1}:${type}`]);
  const guids = [`-u2:${BOOT_GUID.A}`, `-u5:${BOOT_GUID.B}`];
  const flags = ["-A2:set:48", "-A2:set:53", "-A2:set:2"];
  sgdisk(...parts, ...guids, ...flags, file);
  return file;
}

/** The flags of a BOOT partition as sgdisk sees them. */
export function flagsBySgdisk(file: string, number: number): BootFlags {
  const [, digits] = /Attribute flags: ([0-9A-F]{16})/.exec(sgdisk(`-i${number}`, file)) ?? [];
  const bits = BigInt(`0x${digits}`) >> 48n;
  return {
    priority: Number(bits & 15n),
    triesLeft: Number((bits >> 4n) & 15n),
    successful: ((bits >> 8n) & 1n) === 1n,
  };
}

/** What the process would be seen to do, without one. */
export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  /** The text of the error. */
  readonly stderr: string;
  readonly logged: readonly string[];
}

const NOWHERE: Places = {
  sys: "/sys",
  proc: "/proc",
  dev: "/dev",
  run: "/nowhere",
};

export async function run(
  args: readonly string[],
  places: Places = NOWHERE,
  signal = new AbortController().signal,
): Promise<RunResult> {
  let stdout = "";
  const logged: string[] = [];
  const context = {
    args,
    env: {},
    stdout: (text: string) => {
      stdout += text;
      return Promise.resolve();
    },
    stderr: () => undefined,
    stdin: () => Promise.resolve(""),
    isTerminal: false,
    log: createLog({ write: (text) => logged.push(text), journal: false }),
    signal,
  };
  try {
    return { status: await runSignpost(context, places), stdout, stderr: "", logged };
  } catch (error) {
    if (!(error instanceof BallastError)) throw error;
    return { status: error.exitCode, stdout, stderr: describeError(error), logged };
  }
}

export interface MachineFacts {
  /** Names below dm-0, for example `vda3`. */
  readonly slaves: readonly string[];
  readonly loaderPartUuid?: string;
  /** For example `ballast-selector 3`. */
  readonly loaderInfo?: string;
  /** What the verity device holds; not there unless told. */
  readonly root?: Uint8Array;
  /** Further disks by the kernel's name, each with its image; with so many partitions in sysfs. */
  readonly others?: readonly {
    readonly name: string;
    readonly image: string;
    readonly partitions: number;
  }[];
}

/** Lays out /sys, /dev and /run of a machine whose disk is `vda`, a link to the image. */
export function makeMachine(folder: string, image: string, facts: MachineFacts): Places {
  const places = {
    sys: path.join(folder, "sys"),
    proc: path.join(folder, "proc"),
    dev: path.join(folder, "dev"),
    run: path.join(folder, "run"),
  };
  const slaves = path.join(places.sys, "block/dm-0/slaves");
  for (const made of [slaves, places.dev, places.run]) fs.mkdirSync(made, { recursive: true });
  const addPartition = (disk: string, name: string, number: number): string => {
    const device = path.join(places.sys, "devices/pci0", disk, name);
    fs.mkdirSync(device, { recursive: true });
    fs.writeFileSync(path.join(device, "partition"), `${number}\n`);
    return device;
  };
  const addDisk = (name: string, target: string): void => {
    const device = path.join(places.sys, "devices/pci0", name);
    fs.mkdirSync(device, { recursive: true });
    fs.symlinkSync(device, path.join(places.sys, "block", name));
    fs.symlinkSync(target, path.join(places.dev, name));
  };
  addDisk("vda", image);
  for (const name of facts.slaves) {
    const number = Number(/\d+$/.exec(name)?.[0]);
    const device = addPartition(name.replace(/\d+$/, ""), name, number);
    fs.symlinkSync(device, path.join(slaves, name));
  }
  for (const { name, image: other, partitions } of facts.others ?? []) {
    addDisk(name, other);
    for (let number = 1; number <= partitions; number++)
      addPartition(name, `${name}p${number}`, number);
  }
  if (facts.root !== undefined) {
    fs.writeFileSync(path.join(places.dev, "dm-0"), facts.root);
    fs.writeFileSync(path.join(places.sys, "block/dm-0/size"), `${facts.root.length / 512}\n`);
  }
  const variables = { LoaderDevicePartUUID: facts.loaderPartUuid, LoaderInfo: facts.loaderInfo };
  for (const [name, text] of Object.entries(variables)) {
    if (text === undefined) continue;
    const folderOfVariables = path.join(places.sys, "firmware/efi/efivars");
    fs.mkdirSync(folderOfVariables, { recursive: true });
    fs.writeFileSync(
      path.join(folderOfVariables, `${name}-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`),
      Buffer.concat([Buffer.of(6, 0, 0, 0), Buffer.from(`${text}\0`, "utf16le")]),
    );
  }
  return places;
}
