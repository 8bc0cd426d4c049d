import { atMostOne, noOperands, parseNumber, usage } from "./cli-checks.ts";
import type { CommandName } from "./command-table.ts";
import type { SettingsCommandName } from "./settings-command-table.ts";
import type { CommitFlags, SettingsCommand } from "./settings-command.ts";
import type { Values } from "./values.ts";

const TRY_MAX_SECONDS = 3600;
const ID_MAX = 999_999_999_999_999;

/** Arguments of the commands about changes of settings. Throws UsageError. */
export function parseSettingsCommand(name: SettingsCommandName, values: Values): SettingsCommand {
  const operands = values.operands.slice(1);
  const json = values.has("json");
  switch (name) {
    case "unset":
      if (operands.length === 0) throw usage(name, "nothing to unset, must be KEY");
      return { do: name, keys: operands, flags: commitFlags(name, values) };
    case "apply":
      return {
        do: name,
        sources: operands.length === 0 ? ["-"] : operands.map((text) => checkSource(name, text)),
        ca: parseCa(name, values, operands),
        flags: commitFlags(name, values),
      };
    case "edit":
      noOperands(name, operands);
      return { do: name, flags: commitFlags(name, values) };
    case "commit":
      noOperands(name, operands);
      return { do: name, tx: values.text("tx") ?? "default", flags: commitFlags(name, values) };
    case "restore":
      return {
        do: name,
        id: parseId(operands),
        dryRun: values.has("dry-run"),
        flags: commitFlags(name, values),
      };
    case "diff": {
      const source = atMostOne(name, operands);
      const tx = values.text("tx");
      const ca = parseCa(name, values, operands);
      if (source === undefined) return { do: name, source, ca, tx: tx ?? "default", json };
      if (tx !== undefined) throw usage(name, "a source and --tx exclude each other");
      return { do: name, source: checkSource(name, source), ca, tx: "default", json };
    }
    case "history": {
      noOperands(name, operands);
      const count = values.text("count");
      return {
        do: name,
        count: count === undefined ? undefined : parseNumber(name, "count", count, 1, 100),
        json,
      };
    }
    case "confirm":
    case "revert":
      break;
  }
  return { do: name, token: atMostOne(name, operands), json };
}

export function commitFlags(name: CommandName, values: Values): CommitFlags {
  const seconds = values.text("try");
  return {
    trySeconds:
      seconds === undefined ? undefined : parseNumber(name, "try", seconds, 1, TRY_MAX_SECONDS),
    rollbackOnFailure: values.has("rollback-on-failure"),
    json: values.has("json"),
  };
}

/** Without TLS anybody on the way could write the machine's settings. */
function checkSource(name: CommandName, source: string): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source) && !/^(https|file):\/\//i.test(source))
    throw usage(name, "a source must be a file, - or a URL that begins with https://");
  return source;
}

function parseCa(
  name: CommandName,
  values: Values,
  sources: readonly string[],
): string | undefined {
  const ca = values.text("ca");
  if (ca === undefined || sources.some((source) => /^https:/i.test(source))) return ca;
  throw usage(name, "--ca is for a source that begins with https://");
}

function parseId(operands: readonly string[]): number {
  const text = atMostOne("restore", operands);
  const id = text !== undefined && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (id <= ID_MAX) return id;
  throw usage("restore", 'must be told the number of a commit, see "apiclient history"');
}
