import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  addSlots,
  bootsLimitMs,
  inLab,
  SecureBoot,
  type BootFlags,
  type ExtraSlot,
  type Guest,
} from "@ballast/testkit";
import { expect, test } from "vitest";

const FIRMWARE_LIMIT_MS = 120_000;
const REFUSED =
  "skipped: the firmware refused to load its image: Secure Boot does not accept its signature";

/**
 * All that must not start lies in slots of its own, each preferred to A, so that one boot judges them all. A second one,
 * on a machine where nothing is revoked, shows that the old image was refused because it is.
 */
test(
  "021 enforcing firmware refuses all that is changed, unsigned, foreign or revoked",
  { timeout: bootsLimitMs(2) },
  inLab(async (lab) => {
    const machine = await SecureBoot.make(lab);
    const nothingRevoked = await machine.enrol();
    const uki = await readFile(join(dirname(lab.image.disk), "uki.efi"));
    const old = await machine.oldUki();
    await machine.revoke(old);
    const bad = {
      "section changed": replaced(uki, "ID=ballast", "ID=bellast"),
      "command line changed": replaced(uki, "panic_on_corruption", "ignore_corruption  "),
      "signature changed": withLastByteChanged(uki),
      unsigned: await readFile(machine.unsignedUki),
      foreign: await readFile(await machine.foreignUki()),
      revoked: await readFile(old),
    };
    const disk = await lab.makeDisk();
    const numbers = await addSlots(
      disk,
      Object.entries(bad).map(([name, content], index): ExtraSlot => {
        return { name, content, flags: preferred(15 - index) };
      }),
    );
    const options = { disk: { path: disk, format: "raw" } } as const;

    const guest = await lab.boot({ ...options, secureBoot: await machine.enrol() });
    await startOf(guest, "A (partition 2)");
    const said = guest.machine.console.lines.map(({ text }) => text);
    const refused = [...numbers].filter(([, number]) =>
      said.some((line) => line.includes(`(partition ${number}) ${REFUSED}`)),
    );
    expect(refused.map(([name]) => name)).toEqual(Object.keys(bad));
    await guest.powerCut();

    const control = await lab.boot({ ...options, secureBoot: nothingRevoked });
    await startOf(control, `(partition ${numbers.get("revoked")})`);
    await control.powerCut();
  }),
);

function preferred(priority: number): BootFlags {
  return { priority, tries: 7, isSuccessful: false };
}

/** Waits until the selector says that it starts this slot. */
async function startOf(guest: Guest, slot: string): Promise<void> {
  const { console } = guest.machine;
  const { text } = await console.waitFor(/ballast-selector: .*: priority \d+, tries/, {
    timeoutMs: FIRMWARE_LIMIT_MS,
  });
  expect(text).toContain(slot);
}

/** The same length, or the image would be damaged and not only changed. */
function replaced(image: Buffer, from: string, to: string): Buffer {
  expect(to).toHaveLength(from.length);
  const position = image.indexOf(from);
  expect(position).toBeGreaterThan(0);
  const changed = Buffer.from(image);
  changed.write(to, position, "latin1");
  return changed;
}

/** What follows the signature fills up to a multiple of eight bytes: the last that is not 0 belongs to the signature. */
function withLastByteChanged(image: Buffer): Buffer {
  const changed = Buffer.from(image);
  const last = changed.findLastIndex((byte) => byte !== 0);
  changed.writeUInt8(changed.readUInt8(last) ^ 1, last);
  return changed;
}
