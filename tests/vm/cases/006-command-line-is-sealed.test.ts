import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { bootsLimitMs, inLab, fetchJournal } from "@ballast/testkit";
import { expect, test } from "vitest";

const SMUGGLED = "systemd.unit=rescue.target init=/bin/sh ballast.smuggled";

/** systemd-stub appends these strings to the signed command line, unless the selector blanks them before. */
test(
  "006 SMBIOS strings do not reach the command line",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const guest = await lab.boot({
      oemStrings: [
        `io.systemd.stub.kernel-cmdline-extra=${SMUGGLED}`,
        "io.systemd.boot.kernel-cmdline-extra=ballast.smuggled",
        "io.systemd.credential:passwd.plaintext-password.root=x",
      ],
    });
    await guest.healthy();
    const journal = await fetchJournal(guest.api);
    const kernel = journal.filter(({ isKernel }) => isKernel).map(({ message }) => message);
    const commandLine = kernel.find((message) => message.startsWith("Command line: "));
    const signed = readFileSync(join(dirname(lab.image.disk), "command-line.txt"), "utf8").trim();
    expect(commandLine).toBe(`Command line: ${signed}`);
    expect(JSON.stringify(journal)).not.toContain("ballast.smuggled");
  }),
);
