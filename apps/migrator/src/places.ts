import { join } from "node:path";

export interface Places {
  /** A database for each version, and {@link Places.lastRun}. */
  readonly settings: string;
  /** Which version ran last. */
  readonly lastRun: string;
  readonly osRelease: string;
  /** What was done in this boot, for the API. */
  readonly report: string;
  /** What was last done for the version in the other slot. */
  readonly shadowReport: string;
  /** One migrator at a time writes databases of versions that do not run. */
  readonly lock: string;
  /** Exists while this boot is a trial that another slot ends if it fails. */
  readonly trialVariable: string;
}

export function placesBelow(root: string): Places {
  const settings = join(root, "var/lib/ballast/settings");
  return {
    settings,
    lastRun: join(settings, "last-run.json"),
    osRelease: join(root, "usr/lib/os-release"),
    report: join(root, "run/ballast/migrator/report.json"),
    shadowReport: join(root, "run/ballast/migrator/shadow.json"),
    lock: join(root, "run/ballast/migrator/lock"),
    trialVariable: join(
      root,
      "sys/firmware/efi/efivars/BallastTrial-9827a087-6bb9-4c6f-81e2-7dd9ee596f0b",
    ),
  };
}

export function databaseOf({ settings }: Places, version: string): string {
  return join(settings, `${version}.sqlite`);
}
