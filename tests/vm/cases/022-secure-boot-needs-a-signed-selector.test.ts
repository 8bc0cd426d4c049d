import { join } from "node:path";
import { bootsLimitMs, inLab, SecureBoot } from "@ballast/testkit";
import { REPOSITORY } from "@ballast/vm";
import { expect, test } from "vitest";

const FIRMWARE_LIMIT_MS = 120_000;

/** The very same program, but for its signature. */
test(
  "022 enforcing firmware does not start an unsigned selector",
  { timeout: bootsLimitMs(1) },
  inLab(async (lab) => {
    const machine = await SecureBoot.make(lab);
    const disk = await lab.makeDisk();
    await machine.replaceSelector(disk, join(REPOSITORY, "kernel/dist/BOOTX64.EFI"));
    const guest = await lab.boot({
      disk: { path: disk, format: "raw" },
      secureBoot: await machine.enrol(),
    });
    const { console } = guest.machine;
    await console.waitFor(/Access Denied|Security Violation/, { timeoutMs: FIRMWARE_LIMIT_MS });
    // The firmware goes through what else it could start, and finds nothing.
    await console.waitFor(/No bootable option|Shell|press any key/i, {
      timeoutMs: FIRMWARE_LIMIT_MS,
    });
    const said = console.lines.map(({ text }) => text);
    expect(said.filter((text) => /ballast-selector|Linux version|systemd/.test(text))).toEqual([]);
    await guest.powerCut();
  }),
);
