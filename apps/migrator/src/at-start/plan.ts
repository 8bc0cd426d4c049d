import { compareVersions } from "@ballast/updates";

export interface Found {
  readonly running: string;
  /** Versions of which there is a database. */
  readonly present: readonly string[];
  /** The version that ran last, if it is known. */
  readonly last: string | undefined;
  /** Whether another slot takes over if this boot fails. */
  readonly isTrial: boolean;
}

/**
 * `keep`: what is there is right as it is. `merge`: the running version has settings, and an older one ran since and may
 * have changed them. `build`: the running version has none; versions from whose settings it can have them, in the order to
 * be tried, and the older one that ran last.
 */
export type Plan =
  | { readonly act: "keep" }
  | { readonly act: "merge"; readonly ranLast: string }
  | {
      readonly act: "build";
      readonly sources: readonly string[];
      readonly ranLast: string | undefined;
    };

/**
 * Pure. What a newer version has left needs no merging: while it ran it kept the settings of this one up to date. Where it
 * did not, this version takes what it understands of them, but only where nobody else would come up with all of them.
 */
export function planStart({ running, present, last, isTrial }: Found): Plan {
  const sorted = present.toSorted((one, two) => compareVersions(two, one));
  const older = sorted.filter((version) => compareVersions(version, running) < 0);
  const ranLast = older.find((version) => version === last);
  if (present.includes(running))
    return ranLast === undefined ? { act: "keep" } : { act: "merge", ranLast };
  if (present.length === 0) return { act: "keep" };
  const newer = sorted.filter((version) => compareVersions(version, running) > 0);
  return { act: "build", sources: isTrial ? older : [...older, ...newer], ranLast };
}
