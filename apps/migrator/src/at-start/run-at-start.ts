import { existsSync } from "node:fs";
import { setDatabaseAside } from "@ballast/datastore";
import { describeError, EXIT, hasCode } from "@ballast/errors";
import { HISTORY } from "@ballast/migrations";
import { apiKey, type MigrationReport } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import { createNodeClock } from "@ballast/system";
import { compareVersions } from "@ballast/updates";
import type { Knowledge } from "../convert.ts";
import { readLastRun, type LastRun } from "../last-run.ts";
import { databaseOf, type Places } from "../places.ts";
import { presentVersions } from "../present-versions.ts";
import { prune } from "../prune.ts";
import { writeReport } from "../report.ts";
import { runningVersion } from "../running-version.ts";
import { storeLastRun } from "../store-last-run.ts";
import { carryOut, type Outcome, type PassedOver } from "./carry-out.ts";
import { planStart, type Plan } from "./plan.ts";

/** The slow way, when the version is another one than at the last start. Throws if it cannot have its settings. */
export async function runAtStart(places: Places, log: Log, history = HISTORY): Promise<number> {
  const known: Knowledge = { version: runningVersion(places), history };
  const last = readLastRun(places);
  const present = presentVersions(places);
  const isTrial = existsSync(places.trialVariable);
  const plan = planStart({ running: known.version, present, last: last?.version, isTrial });
  const passedOver: PassedOver[] = [];
  let other = last?.version === known.version ? last.other : last?.version;
  if (plan.act !== "keep") {
    try {
      const outcome = carryOut(plan, { places, known, log, passedOver });
      other ??= outcome.from;
      const report = success(plan, known, outcome, passedOver);
      log.notice("Settings are taken over", {
        from: outcome.from,
        to: known.version,
        outcome: report.outcome,
        changed: report.changed.join(","),
        set_aside: report.set_aside.join(","),
      });
      writeReport(places.report, report);
    } catch (error) {
      if (hasCode(error, "migrator.nothing-usable") && !isTrial) beginAnew(places, passedOver, log);
      writeReport(places.report, failure(known, passedOver, error));
      throw error;
    }
  }
  if (plan.act === "keep" && !present.includes(known.version)) return EXIT.ok;
  await tidyUp(places, { version: known.version, other }, log);
  return EXIT.ok;
}

/**
 * Nobody else takes over, and a machine without an API helps nobody: what is damaged is set aside, and if that is all there was,
 * the API server begins with no settings. That this program failed tells that they are lost.
 */
function beginAnew(places: Places, passedOver: readonly PassedOver[], log: Log): void {
  for (const { version, isDamaged } of passedOver)
    if (isDamaged) {
      const keptAs = setDatabaseAside(databaseOf(places, version));
      log.error("Damaged settings are set aside", { version, kept_as: keptAs });
    }
}

/** The machine has its settings: what goes wrong here costs the next version a merge, or space. */
async function tidyUp(places: Places, ran: LastRun, log: Log): Promise<void> {
  try {
    await storeLastRun(places, ran);
    prune(places, [ran.version, ran.other], log);
  } catch (error) {
    log.warn("It is not stored which version runs", errorFields(error));
  }
}

function success(
  plan: Plan,
  { version }: Knowledge,
  { from, revised }: Outcome,
  passedOver: readonly PassedOver[],
): MigrationReport {
  const isNewer = compareVersions(from, version) > 0;
  return {
    ...blank(version, passedOver),
    outcome: plan.act === "merge" ? "merged" : isNewer ? "taken" : "made",
    from,
    changed: (revised?.changed ?? []).map(apiKey),
    set_aside: (revised?.setAside ?? []).map(apiKey),
  };
}

function failure(
  { version }: Knowledge,
  passedOver: readonly PassedOver[],
  error: unknown,
): MigrationReport {
  return { ...blank(version, passedOver), outcome: "failed", reason: describeError(error) };
}

function blank(
  version: string,
  passedOver: readonly PassedOver[],
): Omit<MigrationReport, "outcome"> {
  return {
    from: null,
    to: version,
    at: createNodeClock().now().toString(),
    reason: null,
    changed: [],
    set_aside: [],
    passed_over: passedOver.map(({ version: passed, reason }) => ({ version: passed, reason })),
  };
}
