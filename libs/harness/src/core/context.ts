import { mkdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { inSdk, type SandboxOptions } from "../sdk/sandbox.ts";
import { ensureSdk } from "../sdk/build-sdk.ts";
import { readLock, type Lock } from "../packages/lock.ts";
import { BuildError } from "./build-error.ts";

/** What every step knows: the lock, the version, the package whose task it is, and how to run a tool. */
export interface Context {
  readonly lock: Lock;
  readonly version: string;
  /** The workspace whose script runs the step, absolute. */
  readonly workspace: string;
  /** Its output folder, absolute. */
  readonly dist: string;
  readonly sdkKey: string;
  run(
    command: readonly string[],
    options?: Omit<SandboxOptions, "sourceDateEpoch">,
  ): Promise<string>;
}

/** The image's version: `BALLAST_VERSION` if set, else a development version below any release. */
export function imageVersion(env: NodeJS.ProcessEnv): string {
  const version = env["BALLAST_VERSION"] || "0.1.0-dev";
  if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/.test(version))
    throw new BuildError(
      "build.usage",
      `Cannot use BALLAST_VERSION="${version}": it must be a version like 1.2.3 or 1.2.3-rc.1`,
    );
  return version;
}

export async function createContext(
  workspace: string,
  env: NodeJS.ProcessEnv,
  dist: string = join(workspace, "dist"),
): Promise<Context> {
  const version = imageVersion(env);
  const lock = await readLock();
  const sdkKey = await ensureSdk(lock);
  await mkdir(dist, { recursive: true });
  return {
    lock,
    version,
    workspace,
    dist,
    sdkKey,
    run: (command, options = {}) =>
      inSdk(sdkKey, command, { ...options, sourceDateEpoch: lock.sourceDateEpoch }),
  };
}

/** The place of a file of `dist` inside a sandbox that binds it to `/out`. */
export function inside(path: string): string {
  return join("/out", basename(path));
}
