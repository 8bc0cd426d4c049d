import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export type Command =
  | { readonly do: "help" }
  | { readonly do: "version" }
  | { readonly do: "list"; readonly file: string; readonly json: boolean }
  | {
      readonly do: "print";
      readonly file: string;
      readonly machine: string | undefined;
      readonly json: boolean;
    }
  | {
      readonly do: "write";
      readonly file: string;
      readonly directory: string;
      readonly json: boolean;
    }
  | { readonly do: "check"; readonly files: readonly string[]; readonly json: boolean };

const OPTIONS = {
  machine: { type: "string", short: "m" },
  out: { type: "string", short: "o" },
  list: { type: "boolean" },
  check: { type: "boolean" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true) return { do: "help" };
  if (values.version === true) return { do: "version" };
  const json = values.json === true;
  const modes = [
    values.list === true && "--list",
    values.check === true && "--check",
    values.out !== undefined && "--out",
    values.machine !== undefined && "--machine",
  ].filter((mode) => mode !== false);
  if (modes.length > 1) throw refusal(`${modes.join(" and ")} exclude each other`);
  const [file, ...more] = positionals;
  if (file === undefined) throw refusal("no file is named");
  if (values.check === true) return { do: "check", files: positionals, json };
  if (more[0] !== undefined) throw refusal(`unexpected argument "${more[0]}"`);
  if (values.list === true) return { do: "list", file, json };
  if (values.out !== undefined) return { do: "write", file, directory: values.out, json };
  return { do: "print", file, machine: values.machine, json };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    const [reason] = error instanceof Error ? error.message.split(". ") : [String(error)];
    throw refusal(reason ?? "");
  }
}

function refusal(reason: string): UsageError {
  return new UsageError(`Cannot run ballast-config: ${reason}`, 'See "ballast-config --help".');
}
