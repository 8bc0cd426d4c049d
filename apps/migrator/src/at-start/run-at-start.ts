import { existsSync } from "node:fs";
import { describeError, EXIT } from "@ballast/errors";
import { HISTORY } from "@ballast/migrations";
import { apiKey, type MigrationReport } from "@ballast/model";
import { errorFields, type Log } from "@ballast/service";
import { createNodeClock } from "@ballast/system";
import { compareVersions } from "@ballast/updates";
import type { Knowledge } from "../convert.ts";
import { readLastRun } from "../last-run.ts";
import type { Places } from "../places.ts";
import { presentVersions } from "../present-versions.ts";
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
  let from = last?.version;
  if (plan.act !== "keep") {
    try {
      const outcome = carryOut(plan, { places, known, log, passedOver });
      from ??= outcome.from;
      const report = success(plan, known, outcome, passedOver);
      log.notice("Settings are taken over", {
        from: outcome.from,
        to: known.version,
        outcome: report.outcome,
        changed: report.changed.join(","),
        set_aside: report.set_aside.join(","),
      });
      writeReport(places, report);
    } catch (error) {
      writeReport(places, failure(known, passedOver, error));
      throw error;
    }
  }
  if (plan.act !== "keep" || present.includes(known.version))
    await remember(places, known.version, from, log);
  return EXIT.ok;
}

/** That it fails costs the next version a merge at most; the machine has its settings. */
async function remember(
  places: Places,
  version: string,
  other: string | undefined,
  log: Log,
): Promise<void> {
  try {
    await storeLastRun(places, { version, other });
  } catch (error) {
    log.warn("It is not stored which version runs", errorFields(error));
  }
}

function success(
  plan: Plan,
  { version }: Knowledge,
  { from, report }: Outcome,
  passedOver: readonly PassedOver[],
): MigrationReport {
  const isNewer = compareVersions(from, version) > 0;
  return {
    ...blank(version, passedOver),
    outcome: plan.act === "merge" ? "merged" : isNewer ? "taken" : "made",
    from,
    changed: (report?.changes ?? []).map(({ key }) => apiKey(key)),
    set_aside: (report?.aside ?? []).map(({ key }) => apiKey(key)),
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
    passed_over: [...passedOver],
  };
}
