import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { EXIT } from "@ballast/errors";
import { takeKernelLock } from "@ballast/system/kernel-lock";
import { MigratorError } from "./errors.ts";
import type { Places } from "./places.ts";

/** Longer than anything takes that is done under it. */
const WAIT_MS = 60_000;

/** One at a time, so that older settings never replace newer ones. */
export async function withLock(places: Places, act: () => Promise<void>): Promise<void> {
  mkdirSync(dirname(places.lock), { recursive: true, mode: 0o755 });
  using lock = takeKernelLock(places.lock, WAIT_MS);
  if (lock === undefined)
    throw new MigratorError("migrator.busy", "Cannot write settings: another migrator does", {
      exitCode: EXIT.tryAgain,
    });
  await act();
}
