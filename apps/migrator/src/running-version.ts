import { readFileSync } from "node:fs";
import { MigratorError } from "./errors.ts";
import type { Places } from "./places.ts";

/** `VERSION_ID` of os-release(5), which the image build writes bare. */
export function runningVersion({ osRelease }: Places): string {
  const version = /^VERSION_ID=["']?([^"'\s]+)["']?$/m.exec(readFileSync(osRelease, "utf8"))?.[1];
  if (version !== undefined && !version.includes("/")) return version;
  throw new MigratorError(
    "migrator.no-version",
    `Cannot tell which version is running: "${osRelease}" has no VERSION_ID`,
  );
}
