import type { Partition } from "../image-definition.ts";
import { verityPartitionUuids } from "../steps/verity.ts";

/** One repart.d(5) file. Sizes are exact; what a partition holds decides the rest. */
export function repartDefinition(partition: Partition, rootHash: string): string {
  const lines = [
    "[Partition]",
    `Type=${partition.typeGuid}`,
    `Label=${partition.label}`,
    `SizeMinBytes=${partition.sizeMiB}M`,
    `SizeMaxBytes=${partition.sizeMiB}M`,
    ...(partition.flags === undefined ? [] : [`Flags=${partition.flags}`]),
    ...contentLines(partition, rootHash),
  ];
  return `${lines.join("\n")}\n`;
}

function contentLines({ content }: Partition, rootHash: string): string[] {
  const uuids = verityPartitionUuids(rootHash);
  switch (content) {
    case "esp":
      return ["Format=vfat", "CopyFiles=/src/BOOTX64.EFI:/EFI/BOOT/BOOTX64.EFI"];
    case "uki":
      return ["CopyBlocks=/cache/uki.efi"];
    case "root":
      return ["CopyBlocks=/cache/root.img", `UUID=${uuids.root}`];
    case "hash":
      return ["CopyBlocks=/cache/hash.img", `UUID=${uuids.hash}`];
    case "state":
      return ["Format=ext4"];
    case "data":
      // Mounted at /var: STATE is mounted inside it, and a read-only root cannot make the folder.
      return ["Format=ext4", "MakeDirectories=/lib/ballast /log /opt /tmp /cache"];
    case undefined:
      return [];
    default:
      throw new Error(`Unknown partition content "${String(content)}"`);
  }
}
