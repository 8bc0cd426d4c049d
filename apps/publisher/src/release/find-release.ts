import { compareVersions, releaseName, type Manifest, type Release } from "@ballast/updates";
import { PublisherError } from "../publisher-error.ts";

/** By its whole name, or by its version where only one has it. Throws PublisherError. */
export function findRelease({ releases }: Manifest, text: string): Release {
  const found = releases.filter((one) => releaseName(one) === text || one.version === text);
  const [release] = found;
  if (release === undefined || found.length > 1)
    throw new PublisherError(
      "publisher.absent",
      `Cannot find the release "${text}": ${release === undefined ? "there is none" : "more than one has this version"}`,
      { hint: `There are ${releases.map(releaseName).join(", ") || "none"}.` },
    );
  return release;
}

/** Of each variant and architecture the newest that is not withdrawn. */
export function newestReleases({ releases }: Manifest): Release[] {
  const newest = new Map<string, Release>();
  for (const release of releases) {
    const kind = `${release.variant}-${release.arch}`;
    const isOffered = compareVersions(release.version, release.max_version) <= 0;
    const known = newest.get(kind);
    if (isOffered && (known === undefined || compareVersions(known.version, release.version) < 0))
      newest.set(kind, release);
  }
  return [...newest.values()];
}
