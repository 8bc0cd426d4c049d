import type { PackageContents } from "./root/add-packages.ts";
import type { Group, User } from "./root/add-accounts.ts";

export type PartitionContent = "esp" | "uki" | "root" | "hash" | "state" | "data";

export interface Partition {
  readonly label: string;
  readonly typeGuid: string;
  readonly sizeMiB: number;
  readonly content?: PartitionContent;
  readonly flags?: bigint;
}

/** A variant of Ballast, as plain data: `images/<variant>/image.ts` exports one. */
export interface ImageDefinition {
  readonly variant: string;
  /** Programs carried, as folders of the repository. */
  readonly apps: readonly string[];
  readonly packages: readonly PackageContents[];
  readonly links: Readonly<Record<string, string>>;
  readonly directories: Readonly<Record<string, number>>;
  readonly enabledUnits: readonly string[];
  readonly users: readonly User[];
  readonly groups: readonly Group[];
  readonly partitions: readonly Partition[];
  /** How full a partition may be at build time, as a share. */
  readonly maxFill: number;
}
