import { existsSync } from "node:fs";
import { deriveDatabase, type DatabaseContents, type Revision } from "@ballast/datastore";
import { describeError } from "@ballast/errors";
import { apiKey } from "@ballast/model";
import type { Log } from "@ballast/service";
import { createNodeClock } from "@ballast/system";
import { compareVersions } from "@ballast/updates";
import { convert, keysAside, settingsOf, type Knowledge } from "../convert.ts";
import { FACTS, shadowFact } from "../facts.ts";
import { databaseOf, type Places } from "../places.ts";
import { writeReport } from "../report.ts";

/**
 * Makes the database of an older version what the settings of the running one are in its form, whole or not at all.
 * A newer version needs none: it makes its own when it starts.
 */
export function makeShadow(places: Places, other: string, known: Knowledge, log: Log): void {
  const { version } = known;
  const from = databaseOf(places, version);
  if (compareVersions(other, version) >= 0 || !existsSync(from)) return;
  const clock = createNodeClock();
  const report = { version: other, at: clock.now().toString() };
  try {
    let aside: string[] = [];
    deriveDatabase({ from, to: databaseOf(places, other), clock, who: "migrator" }, (contents) => {
      const shadow = shadowOfContents(contents, other, known);
      aside = shadow.aside;
      return shadow.revision;
    });
    log.info("Settings are ready for the other version", {
      version: other,
      set_aside: aside.join(","),
    });
    writeReport(places.shadowReport, { ...report, reason: null, set_aside: aside });
  } catch (error) {
    writeReport(places.shadowReport, { ...report, reason: describeError(error), set_aside: [] });
    throw error;
  }
}

/** Pure. */
function shadowOfContents(
  contents: DatabaseContents,
  other: string,
  known: Knowledge,
): { readonly revision: Revision; readonly aside: string[] } {
  const settings = settingsOf(contents);
  const { values, aside } = convert(settings, known.version, other, known);
  const revision: Revision = {
    kind: "converted",
    note: `Settings of ${known.version} in the form of ${other}`,
    values: [...values.values()],
    facts: {
      [FACTS.version]: other,
      [FACTS.aside]: JSON.stringify(aside),
      [FACTS.shadowOf]: shadowFact(known.version, contents.id, settings.values),
      [FACTS.taken]: null,
    },
  };
  return { revision, aside: keysAside(aside).map(apiKey) };
}
