import { join } from "node:path";
import { hasCode } from "@ballast/errors";
import * as z from "zod";
import { loadImage } from "../image-definition.ts";
import { LOCK_FILE, readLock, type Lock } from "./lock.ts";
import { updateLock } from "./update.ts";

const SUITE = "trixie";
const SdkPackages = z.object({
  sdkPackages: z.array(z.string()),
  kernelPackages: z.array(z.string()),
  protocolPackages: z.array(z.string()),
  testPackages: z.array(z.string()),
});
const AdminPackages = z.object({ adminPackages: z.array(z.string()) });

/** `npm run packages:update`: locks what the archive has now and prints what changed. */
export async function updatePackageLock(repository: string): Promise<void> {
  const module: unknown = await import(join(repository, "images/sdk/packages.ts"));
  const sdk = SdkPackages.parse(module);
  const admin = AdminPackages.parse(await import(join(repository, "images/admin/packages.ts")));
  const image = await loadImage(join(repository, "images/standalone"));
  const wanted = {
    suite: SUITE,
    sdk: sdk.sdkPackages,
    kernel: sdk.kernelPackages,
    protocols: sdk.protocolPackages,
    root: image.packages.map(({ name }) => name),
    tests: sdk.testPackages,
    admin: admin.adminPackages,
  };
  const changes = await updateLock(wanted, await readPreviousLock());
  process.stdout.write(
    changes.length === 0 ? `${LOCK_FILE} is up to date\n` : `${changes.join("\n")}\n`,
  );
}

/** A missing or damaged lock is what this command repairs. */
async function readPreviousLock(): Promise<Lock | undefined> {
  try {
    return await readLock();
  } catch (error) {
    if (hasCode(error, "build.bad-lock") || isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}
