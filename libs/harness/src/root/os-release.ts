import type { Context } from "../core/context.ts";

/** The least version of the selector (`LoaderInfo`) that can boot this image; an update checks it before it writes. */
export const LEAST_SELECTOR = 2;

/** Its path in the root. */
export const OS_RELEASE = "usr/lib/os-release";

export interface Release {
  readonly version: string;
  readonly variant: string;
  readonly buildId: string;
  /** Seconds since 1970: no build of this image was before. Not when it was: the same content gives the same bytes. */
  readonly builtAfter: number;
}

export function releaseOf(
  { version, lock }: Pick<Context, "version" | "lock">,
  variant: string,
  buildId: string,
): Release {
  return { version, variant, buildId, builtAfter: lock.sourceDateEpoch };
}

/** The text of os-release(5). The version is checked before, so nothing here needs quoting beyond the quotes. */
export function osRelease({ version, variant, buildId, builtAfter }: Release): string {
  return [
    'NAME="Ballast"',
    "ID=ballast",
    `VERSION_ID=${version}`,
    `VERSION="${version} (${variant})"`,
    `PRETTY_NAME="Ballast ${version} (${variant})"`,
    `VARIANT_ID=${variant}`,
    `BUILD_ID=${buildId}`,
    `BALLAST_LEAST_SELECTOR=${LEAST_SELECTOR}`,
    `BALLAST_BUILT_AFTER=${Temporal.Instant.fromEpochMilliseconds(builtAfter * 1000).toString()}`,
    "",
  ].join("\n");
}
