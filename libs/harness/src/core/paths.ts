import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** The clone: every path of the build is derived from it, never from the working directory. */
export const REPOSITORY = resolve(import.meta.dirname, "../../../..");

/**
 * Where expensive results are kept, outside the clone so that a second clone does not build them again:
 * `$BALLAST_CACHE_DIR`, else `$XDG_CACHE_HOME/ballast`, else `~/.cache/ballast`.
 */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env["BALLAST_CACHE_DIR"]) return resolve(env["BALLAST_CACHE_DIR"]);
  return join(env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "ballast");
}

export function repositoryPath(...parts: string[]): string {
  return join(REPOSITORY, ...parts);
}
