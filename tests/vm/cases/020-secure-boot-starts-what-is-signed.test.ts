import { open, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  bootsLimitMs,
  fetchJournal,
  findBytes,
  flipBit,
  inLab,
  PARTITION,
  readPartition,
  SecureBoot,
  writeBootFlags,
} from "@ballast/testkit";
import { expect, test } from "vitest";

/**
 * One boot with firmware that enforces signatures. The preferred slot B holds the same UKI with one bit of its kernel
 * changed; SMBIOS tries to add to the command line.
 */
test(
  "020 enforcing firmware starts the signed slot and not the changed one",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const secureBoot = await (await SecureBoot.make(lab)).enrol();
    const uki = join(dirname(lab.image.disk), "uki.efi");
    const disk = await lab.makeDisk();
    const { startBytes } = await readPartition(disk, PARTITION.bootB);
    await writeAt(disk, startBytes, await readFile(uki));
    // Far behind the header of the kernel, which says "HdrS".
    await flipBit(disk, startBytes + (await findBytes(uki, "HdrS")) + (1 << 20));
    await writeBootFlags(disk, PARTITION.bootB, { priority: 2, tries: 2, isSuccessful: false });
    const guest = await lab.boot({
      disk: { path: disk, format: "raw" },
      secureBoot,
      oemStrings: ["io.systemd.stub.kernel-cmdline-extra=ballast.smuggled"],
    });
    await guest.healthy();
    const console = guest.machine.console.lines.map(({ text }) => text).join("\n");
    expect(console).toContain(
      "slot B (partition 5) skipped: the firmware refused to load its image",
    );
    expect(console).toContain("Secure Boot does not accept its signature");
    expect(await guest.api.get("/os")).toMatchObject({ slot: "A", root_hash: lab.image.rootHash });
    const journal = await fetchJournal(guest.api);
    const kernel = journal.filter(({ isKernel }) => isKernel).map(({ message }) => message);
    expect(kernel.filter((message) => /secure boot enabled/i.test(message))).toHaveLength(1);
    const signed = await readFile(join(dirname(uki), "command-line.txt"), "utf8");
    expect(kernel).toContain(`Command line: ${signed.trim()}`);
  }),
);

async function writeAt(file: string, position: number, bytes: Buffer): Promise<void> {
  await using handle = await open(file, "r+");
  await handle.write(bytes, 0, bytes.length, position);
}
