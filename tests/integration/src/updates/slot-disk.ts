import { truncateSync, writeFileSync } from "node:fs";
import { execa } from "execa";

const TYPES = {
  boot: "6b636168-7420-6568-2070-6c616e657421",
  root: "5526016a-1a97-4ea4-b39a-b7c8c6ca4502",
  hash: "598f10af-c955-4456-6a99-7720068a6cea",
} as const;

/** Numbers of the BOOT partitions; ROOT and HASH follow each. */
export const BOOT = { A: 2, B: 5 } as const;

export interface Flags {
  readonly priority: number;
  readonly triesLeft: number;
  readonly successful: boolean;
}

/** A disk image with a table as a machine has it, changed by sgdisk as others than signpost would. */
export class SlotDisk {
  readonly image: string;

  constructor(image: string) {
    this.image = image;
  }

  /** A is proven and holds this root; B is empty. */
  async create(rootHash: string): Promise<void> {
    writeFileSync(this.image, "");
    truncateSync(this.image, 16 * 1024 * 1024);
    const slot = [TYPES.boot, TYPES.root, TYPES.hash];
    const types = ["ef00", ...slot, ...slot, "8300", "8300"];
    const parts = types.flatMap((type, index) => [
      `-n${index + 1}:0:+1M`,
      `-t${index + 1}:${type}`,
    ]);
    // At once: sgdisk waits a second after each run.
    const flags = flagsOf("A", { priority: 1, triesLeft: 7, successful: true });
    await sgdisk(...parts, ...rootHashOf("A", rootHash), ...flags, this.image);
  }

  async setFlags(slot: "A" | "B", flags: Flags): Promise<void> {
    await sgdisk(...flagsOf(slot, flags), this.image);
  }
}

function rootHashOf(slot: "A" | "B", hash: string): string[] {
  return [hash.slice(0, 32), hash.slice(32)].map((half, index) => {
    const uuid = half.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    return `-u${BOOT[slot] + 1 + index}:${uuid}`;
  });
}

function flagsOf(slot: "A" | "B", { priority, triesLeft, successful }: Flags): string[] {
  const value = priority | (triesLeft << 4) | (Number(successful) << 8);
  return Array.from({ length: 9 }, (_, bit) => {
    const act = ((value >> bit) & 1) === 1 ? "set" : "clear";
    return `-A${BOOT[slot]}:${act}:${48 + bit}`;
  });
}

async function sgdisk(...args: readonly string[]): Promise<void> {
  await execa("sgdisk", args, { env: { PATH: `${process.env["PATH"]}:/usr/sbin` } });
}
