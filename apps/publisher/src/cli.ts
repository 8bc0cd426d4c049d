import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

export type Command =
  | { readonly do: "help" }
  | { readonly do: "version" }
  | {
      readonly do: "init";
      readonly repository: string;
      readonly keys: string;
      readonly passphraseFile: string;
      readonly rootKeys: number;
      readonly rootThreshold: number;
    }
  | {
      readonly do: "add";
      readonly repository: string;
      readonly keys: string;
      readonly passphraseFile: string;
      readonly image: string;
      /** The name of a policy, or a file. */
      readonly waves: string;
      readonly dryRun: boolean;
      readonly json: boolean;
    }
  | {
      readonly do: "set-max-version";
      readonly repository: string;
      readonly keys: string;
      readonly passphraseFile: string;
      readonly version: string;
    }
  | {
      readonly do: "refresh";
      readonly repository: string;
      readonly keys: string;
      readonly passphraseFile: string;
    }
  | {
      readonly do: "validate";
      readonly repository: string;
      readonly root: string;
      readonly json: boolean;
    };

const HINT = 'See "publisher --help".';
const OPTIONS = {
  keys: { type: "string" },
  "passphrase-file": { type: "string" },
  "root-keys": { type: "string", default: "3" },
  "root-threshold": { type: "string", default: "2" },
  root: { type: "string" },
  waves: { type: "string", default: "default" },
  "dry-run": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  version: { type: "boolean", default: false },
} as const;

/** Which options a command takes, and its operands by name. */
const COMMANDS: Readonly<
  Record<string, { operands: readonly string[]; options: readonly string[] }>
> = {
  init: {
    operands: ["REPOSITORY"],
    options: ["keys", "passphrase-file", "root-keys", "root-threshold"],
  },
  add: {
    operands: ["REPOSITORY", "IMAGE"],
    options: ["keys", "passphrase-file", "waves", "dry-run", "json"],
  },
  "set-max-version": { operands: ["REPOSITORY", "VERSION"], options: ["keys", "passphrase-file"] },
  refresh: { operands: ["REPOSITORY"], options: ["keys", "passphrase-file"] },
  validate: { operands: ["URL"], options: ["root", "json"] },
};

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals, tokens } = parse(args);
  if (values.help) return { do: "help" };
  if (values.version) return { do: "version" };
  const [name, ...operands] = positionals;
  if (name === undefined) throw refusal("no command given");
  const spec = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (spec === undefined) throw refusal(`there is no command "${name}"`);
  for (const token of tokens)
    if (token.kind === "option" && !spec.options.includes(token.name))
      throw refusal(`"${name}" takes no --${token.name}`);
  const missing = spec.operands[operands.length];
  if (missing !== undefined) throw refusal(`"${name}" needs ${missing}`);
  const extra = operands[spec.operands.length];
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
  return commandOf(name, operands, values);
}

function commandOf(
  name: string,
  [repository = "", second = ""]: readonly string[],
  values: ReturnType<typeof parse>["values"],
): Command {
  if (name === "validate")
    return { do: "validate", repository, root: needed(values.root, "root"), json: values.json };
  const signing = {
    repository,
    keys: needed(values.keys, "keys"),
    passphraseFile: needed(values["passphrase-file"], "passphrase-file"),
  };
  switch (name) {
    case "init": {
      const rootKeys = numberOf(values["root-keys"], "root-keys");
      const rootThreshold = numberOf(values["root-threshold"], "root-threshold");
      if (rootThreshold > rootKeys)
        throw refusal(`${rootThreshold} signatures cannot come from ${rootKeys} keys`);
      return { do: "init", ...signing, rootKeys, rootThreshold };
    }
    case "add": {
      const { waves, "dry-run": dryRun, json } = values;
      return { do: "add", ...signing, image: second, waves, dryRun, json };
    }
    case "set-max-version":
      return { do: "set-max-version", ...signing, version: second };
    default:
      return { do: "refresh", ...signing };
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS, tokens: true });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    throw refusal(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function needed(value: string | undefined, name: string): string {
  if (value === undefined) throw refusal(`--${name} is missing`);
  return value;
}

function numberOf(text: string, name: string): number {
  if (!/^[1-9]$/.test(text)) throw refusal(`--${name} must be a number from 1 to 9`);
  return Number(text);
}

function refusal(reason: string): UsageError {
  return new UsageError(`Cannot run publisher: ${reason}`, HINT);
}
