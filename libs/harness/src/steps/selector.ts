import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Context } from "../core/context.ts";

/** Compiles the slot selector; its own Makefile says how. From nothing each time: make does not see a new compiler. */
export async function buildSelector(context: Context): Promise<void> {
  const work = await mkdtemp(join(context.dist, ".selector-"));
  try {
    await context.run(["make", "efi", "OUT=/out"], {
      readOnly: { "/src": join(context.workspace, "selector") },
      writable: { "/out": work },
      cwd: "/src",
    });
    await rename(join(work, "BOOTX64.EFI"), join(context.dist, "BOOTX64.EFI"));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
