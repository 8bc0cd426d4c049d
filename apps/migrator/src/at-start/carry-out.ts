import { dirname } from "node:path";
import { deriveDatabase, readDatabase, type DeriveOptions } from "@ballast/datastore";
import { BallastError, describeError, EXIT } from "@ballast/errors";
import { errorFields, type Log } from "@ballast/service";
import { createNodeClock } from "@ballast/system";
import type { Knowledge } from "../convert.ts";
import { MigratorError } from "../errors.ts";
import { databaseOf, type Places } from "../places.ts";
import type { VersionContents } from "./base-of.ts";
import type { Plan } from "./plan.ts";
import { mergeFrom, takeOver, type Revised } from "./revisions.ts";

export interface PassedOver {
  readonly version: string;
  readonly reason: string;
  /** No version can use the file. */
  readonly isDamaged: boolean;
}

/** `revised` is undefined when nothing could be merged. */
export interface Outcome {
  readonly from: string;
  readonly revised: Revised | undefined;
}

export interface Parts {
  readonly places: Places;
  readonly known: Knowledge;
  readonly log: Log;
  /** Filled while it runs, so that it is known of a failure too. */
  readonly passedOver: PassedOver[];
}

/** What a database is to be passed over for. What the disk refuses is no fault of a database. */
const UNUSABLE = new Set(["datastore.damaged", "datastore.too-new", "migrator.other-version"]);

/** Throws if the running version cannot have its settings; then every database is as it was. */
export function carryOut(plan: Exclude<Plan, { act: "keep" }>, parts: Parts): Outcome {
  const { known } = parts;
  const own = optionsFor(parts, known.version);
  const ranLast = plan.ranLast === undefined ? undefined : readUsable(plan.ranLast, parts);
  let revised: Revised | undefined;
  if (plan.act === "merge") {
    if (ranLast !== undefined)
      deriveDatabase({ ...own, from: own.to }, (contents) => {
        revised = mergeFrom(ranLast, { version: known.version, contents }, known);
        return revised.revision;
      });
    return { from: plan.ranLast, revised };
  }
  for (const version of plan.sources) {
    const from = databaseOf(parts.places, version);
    const isDone = passingOver(version, parts, () => {
      deriveDatabase({ ...own, from }, (contents) => {
        const third = ranLast?.version === version ? undefined : ranLast;
        revised = takeOver({ version, contents }, third, known);
        return revised.revision;
      });
      return true;
    });
    if (isDone === true) return { from: version, revised };
  }
  throw new MigratorError(
    "migrator.nothing-usable",
    `Cannot find settings for ${known.version}: none of the databases can be used`,
    { exitCode: EXIT.badData, hint: "All of them are left as they are." },
  );
}

function readUsable(version: string, parts: Parts): VersionContents | undefined {
  const file = databaseOf(parts.places, version);
  return passingOver(version, parts, () => ({
    version,
    contents: readDatabase(file, dirname(file)),
  }));
}

/** Undefined if the database of that version cannot be used. */
function passingOver<Result>(
  version: string,
  { log, passedOver }: Parts,
  act: () => Result,
): Result | undefined {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof BallastError) || !UNUSABLE.has(error.code)) throw error;
    if (!passedOver.some((entry) => entry.version === version)) {
      const isDamaged = error.code === "datastore.damaged";
      passedOver.push({ version, reason: describeError(error), isDamaged });
      log.error("Settings of a version cannot be used", { version, ...errorFields(error) });
    }
    return undefined;
  }
}

function optionsFor({ places }: Parts, version: string): Omit<DeriveOptions, "from"> {
  return { to: databaseOf(places, version), clock: createNodeClock(), who: "migrator" };
}
