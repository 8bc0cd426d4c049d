import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import {
  bootsLimitMs,
  fetchJournalText,
  inLab,
  PARTITION,
  readPartition,
  writeBootFlags,
} from "@ballast/testkit";
import { convertImage } from "@ballast/vm";
import { expect, test } from "vitest";

test(
  "004 noise in the preferred slot falls back to the other",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const disk = join(lab.directory, "disk.raw");
    await convertImage(lab.image.disk, disk, "raw");
    const bootB = await readPartition(disk, PARTITION.bootB);
    await writeNoise(disk, bootB.startBytes, bootB.sizeBytes);
    await writeBootFlags(disk, PARTITION.bootB, { priority: 2, tries: 2, isSuccessful: false });
    const guest = await lab.boot({ disk: { path: disk, format: "raw" } });
    await guest.healthy();
    expect(await guest.api.get("/os")).toMatchObject({ slot: "A", root_hash: lab.image.rootHash });
    await expect
      .poll(() => fetchJournalText(guest.api, 6), { timeout: 60_000, interval: 1000 })
      .toMatch(/Finished mark-successful-boot/);
    await guest.shutDown();
    const [a, b] = [
      await readPartition(disk, PARTITION.bootA),
      await readPartition(disk, PARTITION.bootB),
    ];
    // The boot took a try of A, and health gave it back.
    expect(a.flags).toEqual({ priority: 1, tries: 7, isSuccessful: true });
    expect(b.flags).toMatchObject({ isSuccessful: false });
    expect(b.flags.tries).toBeLessThan(2);
  }),
);

async function writeNoise(file: string, position: number, sizeBytes: number): Promise<void> {
  await using handle = await open(file, "r+");
  const noise = randomBytes(1 << 20);
  for (let done = 0; done < sizeBytes; done += noise.length)
    await handle.write(noise, 0, Math.min(noise.length, sizeBytes - done), position + done);
}
