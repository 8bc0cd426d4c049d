/** One command as data: parser, help and completion are made from it. */
interface CommandSpec {
  readonly summary: string;
  readonly about: string;
  /** Names of the operands; one in brackets may be left out. */
  readonly operands: readonly string[];
  readonly options: readonly OptionName[];
  readonly examples: readonly string[];
}

interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly multiple?: true;
  readonly value?: string;
  readonly help: string;
}

export const OPTIONS = {
  keys: { type: "string", value: "FOLDER", help: "The keys, as init made them" },
  "passphrase-file": {
    type: "string",
    value: "FILE",
    help: "What the keys are sealed with; its first line",
  },
  "root-keys": { type: "string", value: "N", help: "Keys of the root of trust (default 3)" },
  "root-threshold": { type: "string", value: "N", help: "Signatures that it needs (default 2)" },
  root: {
    type: "string",
    value: "FILE",
    help: "The root of trust of the machines, 1.root.json",
  },
  waves: {
    type: "string",
    value: "POLICY",
    help: "default, accelerated, slow-roll, urgent, none, or a JSON file",
  },
  host: {
    type: "string",
    value: "ADDRESS",
    help: "Where to listen (default 127.0.0.1: this computer alone)",
  },
  port: { type: "string", value: "N", help: "Where to listen (default 8080); 0: any free one" },
  "dry-run": { type: "boolean", help: "Tell what would be, publish nothing" },
  json: { type: "boolean", help: "The report as JSON" },
  help: { type: "boolean", short: "h", help: "Show this help" },
  version: { type: "boolean", help: "Show the version" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof OPTIONS;

const SIGNING = ["keys", "passphrase-file"] as const;

export const COMMANDS = {
  init: {
    summary: "Make keys, and a repository without releases",
    about:
      "Makes the keys of all roles, sealed with the passphrase, and a repository that has no release yet. Take root-*.key out of\nthe folder afterwards, and keep each in another place.",
    operands: ["REPOSITORY"],
    options: [...SIGNING, "root-keys", "root-threshold"],
    examples: ["publisher init repository --keys keys --passphrase-file passphrase"],
  },
  add: {
    summary: "Publish an image: the folder that its build left",
    about:
      "Packs the images of a build and publishes them as a release. Tells how much a machine of each earlier release would fetch.",
    operands: ["REPOSITORY", "IMAGE"],
    options: [...SIGNING, "waves", "dry-run", "json"],
    examples: [
      "publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase",
      "publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase --waves accelerated --dry-run",
    ],
  },
  "set-max-version": {
    summary: "Set the highest version that machines may run; those of a higher one go back",
    about:
      "Withdraws releases: machines that run a later version than this one go back to the newest that is left.",
    operands: ["REPOSITORY", "VERSION"],
    options: [...SIGNING],
    examples: [
      "publisher set-max-version repository 1.2.0 --keys keys --passphrase-file passphrase",
    ],
  },
  refresh: {
    summary: "Sign again what expires; for a timer, once a day",
    about: "Signs targets, snapshot and timestamp again. It needs none of the keys of root.",
    operands: ["REPOSITORY"],
    options: [...SIGNING],
    examples: ["publisher refresh repository --keys keys --passphrase-file passphrase"],
  },
  validate: {
    summary: "Fetch all of a published repository, and verify it as a machine does",
    about:
      "Trusts the root alone, fetches all releases and verifies all of their files. The repository is a URL or a folder.",
    operands: ["URL"],
    options: ["root", "json"],
    examples: [
      "publisher validate https://updates.example.org/ --root repository/metadata/1.root.json",
    ],
  },
  serve: {
    summary: "Hand out a repository over HTTP, for development",
    about:
      "Hands out the files of the folder until it is interrupted: ranges, ETag, no writing. Each request is told on standard error.",
    operands: ["REPOSITORY"],
    options: ["host", "port", "json"],
    examples: ["publisher serve repository", "publisher serve repository --port 0 --json"],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

export function isCommandName(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name);
}

/** The options that a command takes, in the order of the help. */
export function optionsOf(name: CommandName): OptionName[] {
  return [...COMMANDS[name].options, "help"];
}

export function operandsOf(name: CommandName): readonly string[] {
  return COMMANDS[name].operands;
}
