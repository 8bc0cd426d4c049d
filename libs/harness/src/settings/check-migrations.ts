import { checkReleased, migrationsBeyond } from "@ballast/migrations/check";
import { BuildError } from "../core/build-error.ts";

/**
 * Whether an image of this version may be built: machines must get their settings through. Throws MigrationError or
 * BuildError; answers what is no fault of an image that is not released.
 */
export function checkMigrations(version: string, beyond = migrationsBeyond(version)): string[] {
  checkReleased();
  const words = beyond.map(
    ({ to, name }) => `migration "${to} ${name}" does not run in version ${version}`,
  );
  if (words.length > 0 && !version.includes("-"))
    throw new BuildError("build.bad-image", `Cannot make the root:\n${words.join("\n")}`, {
      hint: "Set BALLAST_VERSION to the version of the last migration or a later one.",
    });
  return words;
}
