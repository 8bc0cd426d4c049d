// A real disk needs the real tool; the Exec port is for programs that run on the host.
// oxlint-disable-next-line no-restricted-imports
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import type { BootFlags } from "@ballast/gpt";
import type { Places } from "./places.ts";

/** Disks and machines for tests, made with sgdisk in a temporary directory. */
export const BOOT_GUID = {
  A: "aaaaaaaa-0000-4000-8000-000000000002",
  B: "bbbbbbbb-0000-4000-8000-000000000005",
} as const;

const TYPE = {
  boot: "6b636168-7420-6568-2070-6c616e657421",
  root: "5526016a-1a97-4ea4-b39a-b7c8c6ca4502",
  hash: "598f10af-c955-4456-6a99-7720068a6cea",
};

/** Nine partitions as on a machine: ESP, slot A, slot B, STATE, DATA; A is 1/2/unproven, B is empty. */
export function makeDiskImage(file: string): string {
  fs.writeFileSync(file, "");
  fs.truncateSync(file, 16 * 1024 * 1024);
  const types = [
    "ef00",
    TYPE.boot,
    TYPE.root,
    TYPE.hash,
    TYPE.boot,
    TYPE.root,
    TYPE.hash,
    "8300",
    "8300",
  ];
  const parts = types.flatMap((type, index) => [`-n${index + 1}:0:+1M`, `-t${index + 1}:${type}`]);
  const guids = [`-u2:${BOOT_GUID.A}`, `-u5:${BOOT_GUID.B}`];
  const flags = ["-A2:set:48", "-A2:set:53", "-A2:set:2"];
  sgdisk(...parts, ...guids, ...flags, file);
  return file;
}

export function sgdisk(...args: string[]): string {
  const env = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin:/sbin` };
  return execFileSync("sgdisk", args, { encoding: "utf8", env });
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

export interface MachineFacts {
  /** Names below dm-0, for example `vda3`. */
  readonly slaves: readonly string[];
  readonly loaderPartUuid?: string;
}

/** Lays out /sys, /dev and /run of a machine whose disk is `vda`, a link to the image. */
export function makeMachine(folder: string, image: string, facts: MachineFacts): Places {
  const places = {
    sys: path.join(folder, "sys"),
    dev: path.join(folder, "dev"),
    run: path.join(folder, "run"),
  };
  const slaves = path.join(places.sys, "block/dm-0/slaves");
  for (const made of [slaves, places.dev, places.run]) fs.mkdirSync(made, { recursive: true });
  for (const name of facts.slaves) {
    const device = path.join(places.sys, "devices/pci0", name.replace(/\d+$/, ""), name);
    fs.mkdirSync(device, { recursive: true });
    fs.writeFileSync(path.join(device, "partition"), `${/\d+$/.exec(name)?.[0]}\n`);
    fs.symlinkSync(device, path.join(slaves, name));
  }
  fs.symlinkSync(image, path.join(places.dev, "vda"));
  if (facts.loaderPartUuid !== undefined) {
    const folderOfVariables = path.join(places.sys, "firmware/efi/efivars");
    fs.mkdirSync(folderOfVariables, { recursive: true });
    fs.writeFileSync(
      path.join(folderOfVariables, "LoaderDevicePartUUID-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"),
      Buffer.concat([Buffer.of(6, 0, 0, 0), Buffer.from(`${facts.loaderPartUuid}\0`, "utf16le")]),
    );
  }
  return places;
}
