/** The least version of the selector (`LoaderInfo`) that can boot this image; an update checks it before it writes. */
export const LEAST_SELECTOR = 2;

export interface Release {
  readonly version: string;
  readonly variant: string;
  readonly buildId: string;
}

/** The text of os-release(5). The version is checked before, so nothing here needs quoting beyond the quotes. */
export function osRelease({ version, variant, buildId }: Release): string {
  return [
    'NAME="Ballast"',
    "ID=ballast",
    `VERSION_ID=${version}`,
    `VERSION="${version} (${variant})"`,
    `PRETTY_NAME="Ballast ${version} (${variant})"`,
    `VARIANT_ID=${variant}`,
    `BUILD_ID=${buildId}`,
    `BALLAST_LEAST_SELECTOR=${LEAST_SELECTOR}`,
    "",
  ].join("\n");
}
