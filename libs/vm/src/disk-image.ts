import { constants } from "node:fs";
import { copyFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import * as z from "zod";
import { runTool } from "./run-tool.ts";
import { VmError } from "./vm-error.ts";

const ImageInfo = z.object({ "virtual-size": z.int().nonnegative() });

export type DiskFormat = "qcow2" | "raw";

/** Makes a qcow2 file that holds only what differs from `base`, which must not change while the overlay lives. */
export async function makeOverlay(base: string, target: string): Promise<void> {
  await mustExist(base);
  await runTool("qemu-img", [
    "create",
    "-q",
    "-f",
    "qcow2",
    "-F",
    "qcow2",
    "-b",
    resolve(base),
    target,
  ]);
}

/** Copies an image as it is; on file systems that can, without copying blocks. */
export async function copyImage(base: string, target: string): Promise<void> {
  await mustExist(base);
  await copyFile(base, target, constants.COPYFILE_FICLONE);
}

/** Rewrites an image in another format, holes kept. */
export async function convertImage(
  source: string,
  target: string,
  format: DiskFormat,
): Promise<void> {
  await mustExist(source);
  await runTool("qemu-img", ["convert", "-q", "-O", format, source, target]);
}

export async function readVirtualSizeBytes(image: string): Promise<number> {
  await mustExist(image);
  const answer = await runTool("qemu-img", ["info", "--output=json", image]);
  return ImageInfo.parse(JSON.parse(answer))["virtual-size"];
}

/** Enlarges a qcow2 disk unless it is as large already. */
export async function growDiskToAtLeast(image: string, sizeBytes: number): Promise<void> {
  if ((await readVirtualSizeBytes(image)) < sizeBytes) await growDisk(image, sizeBytes);
}

/** Enlarges a qcow2 disk; the guest grows its data partition when it boots. A disk never shrinks. */
export async function growDisk(image: string, sizeBytes: number): Promise<void> {
  const currentBytes = await readVirtualSizeBytes(image);
  if (sizeBytes === currentBytes) return;
  if (sizeBytes < currentBytes)
    throw new VmError(
      "vm.disk-size",
      `Cannot make the disk ${inMiB(sizeBytes)} MiB large: it has ${inMiB(currentBytes)} MiB already`,
      { hint: "A disk can only grow. Ask for more, or discard the state." },
    );
  await runTool("qemu-img", ["resize", "-q", "-f", "qcow2", image, String(sizeBytes)]);
}

async function mustExist(image: string): Promise<void> {
  try {
    await stat(image);
  } catch (cause) {
    throw new VmError("vm.image-missing", `Cannot use image "${image}": it does not exist`, {
      cause,
      hint: "Build it: npx turbo run image",
    });
  }
}

function inMiB(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
