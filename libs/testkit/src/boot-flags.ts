import { runTool } from "@ballast/vm";

/** Numbers of the partitions on the disk. */
export const PARTITION = {
  esp: 1,
  bootA: 2,
  rootA: 3,
  hashA: 4,
  bootB: 5,
  rootB: 6,
  hashB: 7,
  state: 8,
  data: 9,
} as const;

/** Attribute bits 48–51, 52–55 and 56 of a BOOT partition. */
export interface BootFlags {
  readonly priority: number;
  readonly tries: number;
  readonly isSuccessful: boolean;
}

export interface Partition {
  readonly startBytes: number;
  readonly sizeBytes: number;
  /** Lower case. */
  readonly uuid: string;
  readonly attributes: bigint;
  readonly flags: BootFlags;
}

/** Reads a partition of a raw image with sgdisk, so that no code of the product is judged by itself. */
export async function readPartition(rawImage: string, number: number): Promise<Partition> {
  const info = await runTool("sgdisk", [`--info=${number}`, rawImage]);
  const first = Number(/^First sector: (\d+)/m.exec(info)?.[1]);
  const size = Number(/^Partition size: (\d+) sectors/m.exec(info)?.[1]);
  const attributes = /^Attribute flags: ([0-9A-F]{16})/m.exec(info)?.[1];
  const uuid = /^Partition unique GUID: ([0-9A-F-]{36})/m.exec(info)?.[1];
  if (!(first >= 0) || !(size >= 0) || attributes === undefined || uuid === undefined)
    throw new Error(`Cannot read partition ${number} of "${rawImage}": sgdisk says: ${info}`);
  return {
    startBytes: first * 512,
    sizeBytes: size * 512,
    uuid: uuid.toLowerCase(),
    attributes: BigInt(`0x${attributes}`),
    flags: parseFlags(BigInt(`0x${attributes}`)),
  };
}

/** Sets exactly these flags with sgdisk, one attribute bit at a time. */
export async function writeBootFlags(
  rawImage: string,
  number: number,
  flags: BootFlags,
): Promise<void> {
  const wanted = flags.priority | (flags.tries << 4) | (Number(flags.isSuccessful) << 8);
  const changes = Array.from({ length: 9 }, (_, bit) => {
    const verb = ((wanted >> bit) & 1) === 1 ? "set" : "clear";
    return `--attributes=${number}:${verb}:${48 + bit}`;
  });
  await runTool("sgdisk", [...changes, rawImage]);
}

export function parseFlags(attributes: bigint): BootFlags {
  return {
    priority: Number((attributes >> 48n) & 15n),
    tries: Number((attributes >> 52n) & 15n),
    isSuccessful: ((attributes >> 56n) & 1n) === 1n,
  };
}

/** Fails unless sgdisk finds nothing to repair in the partition table. */
export async function mustBeSoundTable(rawImage: string): Promise<void> {
  const said = await runTool("sgdisk", ["--verify", rawImage]);
  if (!said.includes("No problems found"))
    throw new Error(`The partition table of "${rawImage}" is not sound: sgdisk says: ${said}`);
}
