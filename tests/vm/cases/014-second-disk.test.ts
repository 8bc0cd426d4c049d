import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { bootsLimitMs, fetchSlots, inLab } from "@ballast/testkit";
import { expect, test } from "vitest";

const TABLE_BYTES = 34 * 512;

/** The kernel looks a root up by its UUID over all disks: nobody can say for certain whose root it found. */
test(
  "014 with a copy of its disk attached the machine runs, writes no table, and says why",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const disk = { path: await lab.makeDisk(), format: "raw" } as const;
    const secondDisk = { path: await lab.makeDisk(), format: "raw" } as const;
    const second = await digestTables(secondDisk.path);
    const guest = await lab.boot({
      disk,
      secondDisk,
      allowed: [
        { pattern: /mark-successful-boot|signpost|conflict/, reason: "Nothing can be marked." },
      ],
    });
    await guest.answering();
    // The selector has taken its try; from here on nobody writes.
    const first = await digestTables(disk.path);
    await expect
      .poll(async () => (await fetchSlots(guest.api)).conflict, {
        timeout: 120_000,
        interval: 1000,
      })
      .toMatch(/disk/);
    await guest.shutDown();
    expect(await digestTables(disk.path)).toBe(first);
    expect(await digestTables(secondDisk.path)).toBe(second);
  }),
);

/** Of both copies. */
async function digestTables(file: string): Promise<string> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const digest = createHash("sha256");
  for (const position of [0, size - TABLE_BYTES]) {
    const { buffer } = await handle.read(Buffer.alloc(TABLE_BYTES), 0, TABLE_BYTES, position);
    digest.update(buffer);
  }
  return digest.digest("hex");
}
