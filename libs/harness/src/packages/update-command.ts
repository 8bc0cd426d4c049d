import { join } from "node:path";
import type { ImageDefinition } from "../image-definition.ts";
import { hasCode } from "@ballast/errors";
import { readLock, LOCK_FILE } from "./lock.ts";
import { updateLock } from "./update.ts";

const SUITE = "trixie";

/** `npm run packages:update`: locks what the archive has now and prints what changed. */
export async function updatePackageLock(repository: string): Promise<void> {
  const sdk = (await import(join(repository, "images/sdk/packages.ts"))) as {
    sdkPackages: readonly string[];
    kernelPackages: readonly string[];
  };
  const { image } = (await import(join(repository, "images/standalone/image.ts"))) as { image: ImageDefinition };
  const previous = await readLock().catch((error: NodeJS.ErrnoException) => {
    // A missing or damaged lock is what this command repairs.
    if (error.code !== "ENOENT" && !hasCode(error, "build.bad-lock")) throw error;
    return undefined;
  });
  const wanted = {
    suite: SUITE,
    sdk: sdk.sdkPackages,
    kernel: sdk.kernelPackages,
    root: image.packages.map(({ name }) => name),
  };
  const changes = await updateLock(wanted, previous);
  process.stdout.write(changes.length === 0 ? `${LOCK_FILE} is up to date\n` : `${changes.join("\n")}\n`);
}
