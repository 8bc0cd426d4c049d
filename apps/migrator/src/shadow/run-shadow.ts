import { EXIT } from "@ballast/errors";
import { HISTORY } from "@ballast/migrations";
import type { Log } from "@ballast/service";
import { isVersion } from "@ballast/updates";
import type { Knowledge } from "../convert.ts";
import { MigratorError } from "../errors.ts";
import { readLastRun } from "../last-run.ts";
import { withLock } from "../lock.ts";
import type { Places } from "../places.ts";
import { runningVersion } from "../running-version.ts";
import { storeLastRun } from "../store-last-run.ts";
import { makeShadow } from "./make-shadow.ts";

/** What was committed, for the older version in the other slot. */
export async function runShadow(places: Places, log: Log, history = HISTORY): Promise<number> {
  const known: Knowledge = { version: runningVersion(places), history };
  await withLock(places, async () => {
    const last = readLastRun(places);
    // As long as the running version has not taken over what another one left, nothing of that may be overwritten.
    if (last?.version !== known.version || last.other === undefined) return;
    makeShadow(places, last.other, known, log);
  });
  return EXIT.ok;
}

/** The settings for a version that is in the other slot and boots next; from now on they are kept up to date. */
export async function runPrepare(
  places: Places,
  other: string,
  log: Log,
  history = HISTORY,
): Promise<number> {
  const known: Knowledge = { version: runningVersion(places), history };
  if (!isVersion(other))
    throw new MigratorError(
      "migrator.bad-version",
      `Cannot prepare settings: "${other}" is no semantic version`,
      { exitCode: EXIT.usage },
    );
  if (other === known.version) return EXIT.ok;
  await withLock(places, async () => {
    makeShadow(places, other, known, log);
    await storeLastRun(places, { version: known.version, other });
  });
  return EXIT.ok;
}
