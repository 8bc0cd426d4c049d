import { join } from "node:path";
import type { Context } from "../core/context.ts";

/** Compiles the slot selector; its own Makefile says how. */
export async function buildSelector(context: Context): Promise<void> {
  await context.run(["make", "efi", "OUT=/out"], {
    readOnly: { "/src": join(context.workspace, "selector") },
    writable: { "/out": context.dist },
    cwd: "/src",
  });
}
