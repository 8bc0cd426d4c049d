import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { deriveSlot, type SlotParts } from "@ballast/harness";
import { REPOSITORY } from "@ballast/vm";
import { PARTITION, writeBootFlags } from "./boot-flags.ts";
import type { ProductImage } from "./product-image.ts";
import { writeSlotB } from "./write-slot.ts";

export interface SlotBOptions {
  /** Adds the faults of tests/vm/faults to the root; `ballast.fault=NAME` among the parameters chooses one. */
  readonly hasFaults?: boolean;
  /** More folders whose files are added to the root. */
  readonly added?: readonly string[];
  /** What is added to the kernel command line. */
  readonly parameters?: readonly string[];
  /** Limit of its trial, counted from the start of its kernel; nobody wants to wait for the usual ten minutes. */
  readonly trialLimitSeconds?: number;
  /** How often it may be tried; a new slot has 2. */
  readonly tries?: 1 | 2;
  /** It has run before, and is no longer on trial. */
  readonly isProven?: boolean;
  /** Another version than that of the image. */
  readonly version?: string;
}

export interface SlotB {
  /** The disk, ready for a guest. */
  readonly disk: { readonly path: string; readonly format: "raw" };
  readonly parts: SlotParts;
}

/** Begins a file in the root of slot B that no boot reads, and stands nowhere else. */
export const UNREAD = "Of this file nothing is ever read.\n";
/** Noise, which is stored as it is and not compressed. */
const UNREAD_BYTES = 1 << 20;
const FAULTS = join(REPOSITORY, "tests/vm/faults");

/** Puts another system into slot B of a disk: the image itself with a file more, so that its root hash is another. */
export async function makeSlotB(
  image: ProductImage,
  rawImage: string,
  options: SlotBOptions,
): Promise<SlotB> {
  const directory = join(dirname(rawImage), "slot-b");
  const added = join(dirname(rawImage), "added");
  await mkdir(join(added, "usr/share/ballast-test"), { recursive: true });
  await writeFile(
    join(added, "usr/share/ballast-test/unread"),
    Buffer.concat([
      Buffer.from(UNREAD),
      createHash("shake256", { outputLength: UNREAD_BYTES }).update(UNREAD).digest(),
    ]),
  );
  if (options.trialLimitSeconds !== undefined) {
    const dropIns = join(added, "usr/lib/systemd/system/boot-trial.timer.d");
    await mkdir(dropIns, { recursive: true });
    const timer = `[Timer]\nOnBootSec=\nOnBootSec=${options.trialLimitSeconds}s\n`;
    await writeFile(join(dropIns, "50-test.conf"), timer);
  }
  const parts = await deriveSlot({
    image: dirname(image.disk),
    directory,
    added: [added, ...(options.hasFaults === true ? [FAULTS] : []), ...(options.added ?? [])],
    parameters: options.parameters ?? [],
    ...(options.version === undefined ? {} : { version: options.version }),
  });
  await writeSlotB(rawImage, parts);
  if (options.tries === 1)
    await writeBootFlags(rawImage, PARTITION.bootB, {
      priority: 2,
      tries: 1,
      isSuccessful: false,
    });
  if (options.isProven === true)
    await writeBootFlags(rawImage, PARTITION.bootB, {
      priority: 2,
      tries: 7,
      isSuccessful: true,
    });
  return { disk: { path: rawImage, format: "raw" }, parts };
}
