import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export const COMMAND_NAMES = [
  "status",
  "check",
  "plan",
  "prepare",
  "activate",
  "cancel",
  "tick",
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

export type Command =
  | { readonly do: "help" }
  | { readonly do: "version" }
  | { readonly do: CommandName; readonly json: boolean; readonly root: string };

const HINT = 'See "update-agent --help".';

const OPTIONS = {
  root: { type: "string" },
  json: { type: "boolean" },
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
  const known = COMMAND_NAMES.find((command) => command === name);
  if (known === undefined) throw refusal(`there is no command "${name}"`);
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
  const { root = "/" } = values;
  if (!root.startsWith("/")) throw refusal(`"${root}" is not an absolute path`);
  return { do: known, json: values.json === true, root };
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
  return new UsageError(`Cannot run update-agent: ${reason}`, HINT);
}
