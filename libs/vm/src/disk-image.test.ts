import { join } from "node:path";
import { expect, it } from "vitest";
import { growDisk, growDiskToAtLeast, readVirtualSizeBytes } from "./disk-image.ts";
import { runTool } from "./run-tool.ts";
import { makeScratchDir } from "./scratch-dir.ts";

const MIB = 2 ** 20;

it("a disk grows, is left alone where it is large enough, and never shrinks", async () => {
  using scratch = makeScratchDir();
  const disk = join(scratch.path, "disk.qcow2");
  await runTool("qemu-img", ["create", "-q", "-f", "qcow2", disk, "8M"]);
  await growDiskToAtLeast(disk, 16 * MIB);
  await expect(readVirtualSizeBytes(disk)).resolves.toBe(16 * MIB);
  await growDiskToAtLeast(disk, 8 * MIB);
  await expect(readVirtualSizeBytes(disk)).resolves.toBe(16 * MIB);
  await expect(growDisk(disk, 8 * MIB)).rejects.toMatchObject({ code: "vm.disk-size" });
  await growDisk(disk, 16 * MIB);
});
