import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeScratchDir, runTool } from "@ballast/vm";
import { expect, it } from "vitest";
import { readPartition, writeBootFlags } from "./boot-flags.ts";

it("writeBootFlags() sets what readPartition() reads, and clears the rest", async () => {
  using scratch = makeScratchDir();
  const disk = join(scratch.path, "disk");
  writeFileSync(disk, "");
  truncateSync(disk, 8 << 20);
  await runTool("sgdisk", ["--new=2:2048:+1M", disk]);
  for (const flags of [
    { priority: 15, tries: 7, isSuccessful: true },
    { priority: 1, tries: 0, isSuccessful: false },
  ]) {
    await writeBootFlags(disk, 2, flags);
    await expect(readPartition(disk, 2)).resolves.toMatchObject({ startBytes: 2048 * 512, flags });
  }
});
