import type { DatabaseContents } from "@ballast/datastore";
import { compareVersions } from "@ballast/updates";
import { shadowOf, taken } from "../facts.ts";

/** The database of one version. */
export interface VersionContents {
  readonly version: string;
  readonly contents: DatabaseContents;
}

/**
 * What both began with, in the form of ours: `theirs` is of an older version, which got its settings from ours, or ours
 * from it. Pure.
 */
export function baseOf(
  ours: VersionContents,
  theirs: VersionContents,
): ReadonlyMap<string, unknown> {
  const { version, contents } = ours;
  const before = taken(contents);
  if (
    before?.from === theirs.version &&
    before.id === theirs.contents.id &&
    before.form === version
  )
    return new Map(Object.entries(before.values));
  const made = shadowOf(theirs.contents);
  if (made?.version === version && made.id === contents.id)
    return new Map(Object.entries(made.values));
  // It was made from the settings of a still newer version, which began with ours: nothing of ours is newer.
  if (made !== undefined && compareVersions(made.version, version) > 0)
    return new Map(contents.values.map(({ key, value }) => [key, value]));
  return new Map();
}
