import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export type Command =
  | { readonly do: "help" }
  | { readonly do: "version" }
  | { readonly do: "run" | "shadow"; readonly root: string }
  | { readonly do: "prepare"; readonly root: string; readonly version: string }
  | { readonly do: "dry-run"; readonly from: string; readonly to: string; readonly file: string };

const OPTIONS = {
  root: { type: "string" },
  for: { type: "string" },
  "dry-run": { type: "boolean" },
  from: { type: "string" },
  to: { type: "string" },
  json: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { do: "help" };
  if (values.version === true) return { do: "version" };
  const [name, extra] = positionals;
  if (values["dry-run"] === true) return parseDryRun(values, name);
  if (name === undefined) throw refusal("no command given");
  if (name !== "run" && name !== "shadow" && name !== "prepare")
    throw refusal(`there is no command "${name}"`);
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
  const { root = "/", for: version, from, to, json } = values;
  if (from !== undefined || to !== undefined || json !== undefined)
    throw refusal("--from, --to and --json go with --dry-run only");
  if (!root.startsWith("/")) throw refusal(`"${root}" is not an absolute path`);
  if (name === "prepare") {
    if (version === undefined) throw refusal("prepare needs --for VERSION");
    return { do: name, root, version };
  }
  if (version !== undefined) throw refusal("--for goes with prepare only");
  return { do: name, root };
}

function parseDryRun(
  { root, for: version, from, to, json }: ReturnType<typeof parse>["values"],
  extra: string | undefined,
): Command {
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
  if (root !== undefined || version !== undefined)
    throw refusal("--root and --for are of no use with --dry-run");
  if (from === undefined || to === undefined || json === undefined)
    throw refusal("--dry-run needs --from VERSION, --to VERSION and --json FILE");
  return { do: "dry-run", from, to, file: json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    throw refusal(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function refusal(reason: string): UsageError {
  return new UsageError(`Cannot run migrator: ${reason}`, 'See "migrator --help".');
}
