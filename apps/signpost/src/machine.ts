import * as fs from "node:fs";
import * as path from "node:path";
import { EXIT } from "@ballast/errors";
import { exitCodeOf, isErrno, SignpostError } from "./errors.ts";
import type { Places } from "./places.ts";

/** Vendor GUID of the boot loader interface (systemd, BOOT_LOADER_INTERFACE). */
const LOADER_VENDOR = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";

/** What kernel and firmware say about the boot that is running. */
export interface Machine {
  /** The kernel's name of the disk, as in sysfs. */
  readonly diskName: string;
  readonly diskPath: string;
  /** Numbers of the partitions below the verity root, never empty. */
  readonly rootPartitions: readonly number[];
  /** PARTUUID of the BOOT partition that the selector loaded; undefined if there was no selector. */
  readonly loaderPartUuid: string | undefined;
}

/** Finds the disk below dm-0, the verity root. */
export function readMachine(places: Places): Machine {
  const folder = `${places.sys}/block/dm-0/slaves`;
  const slaves = attempt(folder, () =>
    fs.readdirSync(folder).map((name) => {
      const device = fs.realpathSync(`${folder}/${name}`);
      return {
        disk: path.basename(path.dirname(device)),
        number: Number(fs.readFileSync(`${device}/partition`, "utf8").trim()),
      };
    }),
  );
  const disks = new Set(slaves.map(({ disk }) => disk));
  const [disk] = disks;
  if (disk === undefined || disks.size > 1)
    throw new SignpostError(
      "signpost.no-active-slot",
      `Cannot find the active slot: the root lies on ${disks.size} disks, must be 1`,
      { exitCode: EXIT.unavailable },
    );
  return {
    diskName: disk,
    diskPath: devicePath(places, disk),
    rootPartitions: slaves.map(({ number }) => number),
    loaderPartUuid: readLoaderPartUuid(places),
  };
}

/** In sysfs "!" stands for the "/" of a device's name. */
export function devicePath({ dev }: Places, name: string): string {
  return `${dev}/${name.replaceAll("!", "/")}`;
}

function readLoaderPartUuid(places: Places): string | undefined {
  return readLoaderVariable(places, "LoaderDevicePartUUID")?.toLowerCase();
}

/** 4 bytes of attributes, then UTF-16LE with a final NUL (UEFI 2.10, 8.2; efivarfs). Undefined if it is not there. */
export function readLoaderVariable(places: Places, name: string): string | undefined {
  const file = `${places.sys}/firmware/efi/efivars/${name}-${LOADER_VENDOR}`;
  try {
    return fs.readFileSync(file).subarray(4).toString("utf16le").replaceAll("\0", "");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw new SignpostError("signpost.no-active-slot", `Cannot read EFI variable "${file}"`, {
      cause: error,
      exitCode: exitCodeOf(error),
    });
  }
}

function attempt<T>(folder: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SignpostError(
      "signpost.no-active-slot",
      `Cannot find the active slot: cannot read what lies below the root in "${folder}"`,
      {
        cause: error,
        exitCode: exitCodeOf(error),
        hint: "Is this a Ballast machine? For the image of a disk use --device FILE.",
      },
    );
  }
}
