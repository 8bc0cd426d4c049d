import * as fs from "node:fs";
import { GptError, type GptEntry } from "@ballast/gpt";
import { openDisk } from "./disk-file.ts";
import { readTable } from "./load-table.ts";
import { devicePath } from "./machine.ts";
import type { Places } from "./places.ts";

export interface OtherDisk {
  readonly path: string;
  readonly entries: readonly GptEntry[];
}

/**
 * The partitions of all disks but this one, read from their tables: neither sysfs nor uevents of Linux 6.12 tell the UUID of
 * a partition, and of two with the same one udev links only one. Only disks in which the kernel found partitions are
 * opened, so on a machine with one disk this is one directory listing. One that cannot be read is told and passed over: a
 * dying disk must not keep a good boot from being marked.
 */
export function readOtherDisks(
  places: Places,
  ownName: string,
  tell: (path: string, error: unknown) => void,
): OtherDisk[] {
  return fs
    .readdirSync(`${places.sys}/block`)
    .filter((name) => name !== ownName && hasPartitions(`${places.sys}/block/${name}`, name))
    .flatMap((name) => {
      const path = devicePath(places, name);
      try {
        using disk = openDisk(path, "read", places.sys);
        return [{ path, entries: readTable(disk).entries }];
      } catch (error) {
        // No GPT: an MBR, whose partitions have no UUIDs of this form.
        if (!(error instanceof GptError)) tell(path, error);
        return [];
      }
    });
}

/** The directories of the partitions lie in that of the disk and begin with its name. */
function hasPartitions(folder: string, name: string): boolean {
  return fs
    .readdirSync(folder)
    .some((child) => child.startsWith(name) && fs.existsSync(`${folder}/${child}/partition`));
}
