import { findSlots, readGpt, type Gpt, type SectorSizeBytes, type Slots } from "@ballast/gpt";
import { asReader, type DiskFile } from "./disk-file.ts";

export interface Table {
  readonly gpt: Gpt;
  readonly slots: Slots;
}

/** Reads table and slots. */
export function loadTable(disk: DiskFile): Table {
  const gpt = readTable(disk);
  return { gpt, slots: findSlots(gpt.entries) };
}

/** An image file does not tell its sector size: 512 is tried first, then 4096. */
export function readTable(disk: DiskFile): Gpt {
  const [size, other]: readonly [SectorSizeBytes, SectorSizeBytes?] =
    disk.sectorSizeBytes === undefined ? [512, 4096] : [disk.sectorSizeBytes];
  try {
    return readGpt(asReader(disk, size));
  } catch (error) {
    if (other === undefined) throw error;
    try {
      return readGpt(asReader(disk, other));
    } catch {
      // The fault under the common sector size is the one to tell.
      throw error;
    }
  }
}
