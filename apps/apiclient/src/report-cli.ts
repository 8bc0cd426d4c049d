import { noOperands, oneVerb, usage } from "./cli-checks.ts";
import { REPORT_COMMANDS } from "./report-command-table.ts";
import type { Values } from "./values.ts";

export type ReportCommand = { readonly do: "report"; readonly json: boolean } & (
  | { readonly verb: "list" }
  | { readonly verb: "cis"; readonly level: 1 | 2 }
  | { readonly verb: "logs"; readonly file: string; readonly force: boolean }
);

const DEFAULT_FILE = "ballast-logs.tar.gz";

/** Arguments of `report`. Throws UsageError. */
export function parseReport(values: Values): ReportCommand {
  const [word, ...more] = values.operands.slice(1);
  const verb = oneVerb("report", REPORT_COMMANDS.report.verbs, word);
  noOperands("report", more);
  const json = values.has("json");
  const level = values.text("level");
  const file = values.text("output");
  const force = values.has("force");
  if (level !== undefined && verb !== "cis") throw usage("report", "--level is for cis");
  if ((file !== undefined || force) && verb !== "logs")
    throw usage("report", "--output and --force are for logs");
  if (verb === "list") return { do: "report", verb, json };
  if (verb === "cis") return { do: "report", verb, level: parseLevel(level ?? "1"), json };
  if (file === "") throw usage("report", "--output must be the name of a file");
  return { do: "report", verb, file: file ?? DEFAULT_FILE, force, json };
}

function parseLevel(text: string): 1 | 2 {
  if (text === "1") return 1;
  if (text === "2") return 2;
  throw usage("report", "--level must be 1 or 2");
}
