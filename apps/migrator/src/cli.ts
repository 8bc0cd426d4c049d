import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export type Command =
  | { readonly do: "help" }
  | { readonly do: "version" }
  | { readonly do: "run" | "shadow"; readonly root: string }
  | { readonly do: "prepare"; readonly root: string; readonly version: string };

const OPTIONS = {
  root: { type: "string" },
  for: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { do: "help" };
  if (values.version === true) return { do: "version" };
  const [name, extra] = positionals;
  if (name === undefined) throw refusal("no command given");
  if (name !== "run" && name !== "shadow" && name !== "prepare")
    throw refusal(`there is no command "${name}"`);
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
  const { root = "/", for: version } = values;
  if (!root.startsWith("/")) throw refusal(`"${root}" is not an absolute path`);
  if (name === "prepare") {
    if (version === undefined) throw refusal("prepare needs --for VERSION");
    return { do: name, root, version };
  }
  if (version !== undefined) throw refusal("--for goes with prepare only");
  return { do: name, root };
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
