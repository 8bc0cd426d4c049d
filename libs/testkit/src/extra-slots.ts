import { open, stat, truncate } from "node:fs/promises";
import { runTool } from "@ballast/vm";
import { readPartition, writeBootFlags, type BootFlags } from "./boot-flags.ts";

/** Beyond slot B, for what one boot is to look at: the selector knows any number of BOOT partitions. */
export interface ExtraSlot {
  readonly name: string;
  readonly content: Buffer;
  readonly flags: BootFlags;
}

const FIRST_NUMBER = 10;
const SIZE_MIB = 32;
const BOOT_TYPE = "6b636168-7420-6568-2070-6c616e657421";

/** Appends BOOT partitions to a raw image. Gives their numbers by name. */
export async function addSlots(
  rawImage: string,
  slots: readonly ExtraSlot[],
): Promise<ReadonlyMap<string, number>> {
  const { size } = await stat(rawImage);
  // One more MiB than the partitions have, for the backup table, which goes to the new end.
  await truncate(rawImage, size + (slots.length * SIZE_MIB + 1) * 2 ** 20);
  const numbered = slots.map((slot, index) => ({ ...slot, number: FIRST_NUMBER + index }));
  await runTool("sgdisk", [
    "--move-second-header",
    ...numbered.flatMap(({ number, name }) => [
      `--new=${number}:0:+${SIZE_MIB}M`,
      `--typecode=${number}:${BOOT_TYPE}`,
      `--change-name=${number}:${name}`,
    ]),
    rawImage,
  ]);
  await using disk = await open(rawImage, "r+");
  for (const { number, content, flags } of numbered) {
    const { startBytes, sizeBytes } = await readPartition(rawImage, number);
    if (content.length > sizeBytes)
      throw new Error(`Cannot add a slot: ${content.length} bytes do not fit into ${sizeBytes}`);
    await disk.write(content, 0, content.length, startBytes);
    await writeBootFlags(rawImage, number, flags);
  }
  return new Map(numbered.map(({ name, number }) => [name, number]));
}
