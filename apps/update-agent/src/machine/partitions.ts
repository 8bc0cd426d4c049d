import { EXIT } from "@ballast/errors";
import { realPath, type AgentContext } from "../context.ts";
import { UpdateAgentError } from "../errors.ts";
import { PATHS } from "../paths.ts";
import type { SlotState } from "./slots.ts";

/** sysfs counts sectors of this size whatever the disk has. */
const SECTOR_BYTES = 512;

/** In the order in which they are written: what makes a slot start comes last. */
export const IMAGE_NAMES = ["root", "hash", "boot"] as const;
export type ImageName = (typeof IMAGE_NAMES)[number];

export interface PartitionPlace {
  /** With the ports' root before it. */
  readonly path: string;
  readonly sizeBytes: number;
}

/** Where the partitions of a slot are. Throws `update-agent.no-slots`. */
export async function slotPartitions(
  context: Pick<AgentContext, "fs" | "root">,
  disk: string,
  { partitions }: Pick<SlotState, "partitions">,
): Promise<Readonly<Record<ImageName, PartitionPlace>>> {
  const find = (number: number) => findPartition(context, disk, number);
  return {
    boot: await find(partitions.boot),
    root: await find(partitions.root),
    hash: await find(partitions.hash),
  };
}

/** A partition has a name of its own kind on each sort of disk; the kernel's folder of the disk holds them all. */
async function findPartition(
  context: Pick<AgentContext, "fs" | "root">,
  disk: string,
  number: number,
): Promise<PartitionPlace> {
  const { fs } = context;
  // In sysfs "!" stands for the "/" of a device's name.
  const diskName = disk.replace(/^\/dev\//, "").replaceAll("/", "!");
  const folder = `${PATHS.blockDevices}/${diskName}`;
  for (const name of await fs.list(folder)) {
    if ((await fs.readText(`${folder}/${name}/partition`))?.trim() !== String(number)) continue;
    const sectors = Number((await fs.readText(`${folder}/${name}/size`))?.trim());
    if (!Number.isSafeInteger(sectors) || sectors <= 0) break;
    const path = realPath(context, `/dev/${name.replaceAll("!", "/")}`);
    return { path, sizeBytes: sectors * SECTOR_BYTES };
  }
  throw new UpdateAgentError(
    "update-agent.no-slots",
    `Cannot find partition ${number} of "${disk}": the kernel does not show it`,
    { exitCode: EXIT.unavailable },
  );
}
