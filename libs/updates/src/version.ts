import parse from "semver/functions/parse.js";
import { UpdatesError } from "./errors.ts";

/** Of a version with its build; far more than any has. */
const VERSION_MAX_LENGTH = 128;

/** Whether it is a semantic version (2.0.0) as it is written: no `v`, no blanks. */
export function isVersion(text: string): boolean {
  if (text.length > VERSION_MAX_LENGTH) return false;
  const version = parse(text);
  if (version === null) return false;
  const { version: plain, build } = version;
  return text === (build.length === 0 ? plain : `${plain}+${build.join(".")}`);
}

/**
 * Negative when `a` is older than `b`, as semantic versioning orders them (clause 11); the build, which does not count
 * there, decides by its text so that the order is total. Throws UpdatesError.
 */
export function compareVersions(a: string, b: string): number {
  const [first, second] = [versionOf(a), versionOf(b)];
  return first.compare(second) || first.compareBuild(second);
}

function versionOf(text: string) {
  const version = isVersion(text) ? parse(text) : null;
  if (version === null)
    throw new UpdatesError(
      "updates.bad-version",
      `Cannot compare versions: ${JSON.stringify(text.slice(0, VERSION_MAX_LENGTH))} is no semantic version`,
    );
  return version;
}
