import { readFile } from "node:fs/promises";
import * as z from "zod";
import { BuildError } from "../core/build-error.ts";
import { repositoryPath } from "../core/paths.ts";

export const LOCK_FILE = "images/packages.lock.json";

/** One Debian package, exactly: the build takes this file and no other. */
export const LockedPackage = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9.+-]+$/),
  version: z.string().regex(/^[A-Za-z0-9.+:~-]+$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  sizeBytes: z.int().positive(),
});
export type LockedPackage = z.infer<typeof LockedPackage>;

export const Lock = z.strictObject({
  suite: z.string(),
  /** Seconds; the build's SOURCE_DATE_EPOCH, so that images are dated by their packages and not by the clock. */
  sourceDateEpoch: z.int().positive(),
  sdk: z.array(LockedPackage),
  kernel: z.array(LockedPackage),
  protocols: z.array(LockedPackage),
  root: z.array(LockedPackage),
  tests: z.array(LockedPackage),
  admin: z.array(LockedPackage),
});
export type Lock = z.infer<typeof Lock>;

export async function readLock(): Promise<Lock> {
  const text = await readFile(repositoryPath(LOCK_FILE), "utf8");
  const hint = "Run npm run packages:update to make it anew.";
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new BuildError("build.bad-lock", `Cannot read "${LOCK_FILE}"`, { cause, hint });
  }
  const result = Lock.safeParse(json);
  if (!result.success)
    throw new BuildError(
      "build.bad-lock",
      `Cannot read "${LOCK_FILE}": ${z.prettifyError(result.error)}`,
      { hint },
    );
  return result.data;
}
