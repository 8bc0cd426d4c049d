/** Sizes can never grow on a machine that has been installed: the build fails when a part fills more than 75 %. */
export const MAX_FILL = 0.75;

export type PartitionContent = "esp" | "uki" | "root" | "hash" | "state" | "data";

export interface Partition {
  readonly label: string;
  readonly typeGuid: string;
  readonly sizeMiB: number;
  readonly content?: PartitionContent;
  /** GPT attribute bits: 48-51 priority, 52-55 tries left, 56 successful. */
  readonly flags?: bigint;
}

const BOOT = "6b636168-7420-6568-2070-6c616e657421";
const ROOT = "5526016a-1a97-4ea4-b39a-b7c8c6ca4502";
const HASH = "598f10af-c955-4456-6a99-7720068a6cea";

/** Slot A ships with priority 1, 7 tries left, successful: it is what the machine falls back to. */
const SHIPPED_SLOT = (1n << 48n) | (7n << 52n) | (1n << 56n);

/** The order is the partition number; slot B is empty until the first update. */
export const partitions: readonly Partition[] = [
  {
    label: "BALLAST-ESP",
    typeGuid: "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
    sizeMiB: 64,
    content: "esp",
  },
  { label: "BALLAST-BOOT-A", typeGuid: BOOT, sizeMiB: 64, content: "uki", flags: SHIPPED_SLOT },
  { label: "BALLAST-ROOT-A", typeGuid: ROOT, sizeMiB: 640, content: "root" },
  { label: "BALLAST-HASH-A", typeGuid: HASH, sizeMiB: 8, content: "hash" },
  { label: "BALLAST-BOOT-B", typeGuid: BOOT, sizeMiB: 64 },
  { label: "BALLAST-ROOT-B", typeGuid: ROOT, sizeMiB: 640 },
  { label: "BALLAST-HASH-B", typeGuid: HASH, sizeMiB: 8 },
  {
    label: "BALLAST-STATE",
    typeGuid: "440408bb-eb0b-4328-a6e5-a29038fad706",
    sizeMiB: 128,
    content: "state",
  },
  {
    label: "BALLAST-DATA",
    typeGuid: "626f7474-6c65-6474-6861-726d61726b73",
    sizeMiB: 512,
    content: "data",
  },
];
