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
  archive: {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "An OCI archive that goes with the release, for bundles; may be repeated",
  },
  variant: { type: "string", value: "NAME", help: "Only releases of this variant" },
  "start-at": {
    type: "string",
    value: "TIME",
    help: "From when the waves count, RFC 3339 (default: now)",
  },
  "root-key": {
    type: "string",
    multiple: true,
    value: "FILE",
    help: "A key of root, wherever it lies; may be repeated (default: those in --keys)",
  },
  "root-passphrase-file": {
    type: "string",
    value: "FILE",
    help: "What the keys of root are sealed with, if it is another one",
  },
  release: {
    type: "string",
    multiple: true,
    value: "NAME",
    help: "A release or its version; may be repeated (default: the newest of each variant)",
  },
  of: { type: "string", value: "NAME", help: "The release or its version (default: the newest)" },
  from: {
    type: "string",
    value: "NAME",
    help: "The release that machines have (default: nothing of it)",
  },
  machines: { type: "string", value: "N", help: "How many there are (default 10000)" },
  "check-minutes": { type: "string", value: "N", help: "How often each looks (default 60)" },
  bytes: { type: "string", value: "N", help: "What a machine fetches, instead of a repository's" },
  "ignore-expiry": {
    type: "boolean",
    help: "Pass over expiry alone, as an operator may who vouches for a bundle",
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
    options: [...SIGNING, "waves", "archive", "dry-run", "json"],
    examples: [
      "publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase",
      "publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase --waves accelerated --dry-run",
      "publisher add repository images/standalone/dist --keys keys --passphrase-file passphrase --archive images/admin/dist/admin.oci.tar",
    ],
  },
  waves: {
    summary: "Show the waves of releases, or replace those of one that is out",
    about:
      "Shows when machines take each release, and what share of them may now. With --waves it replaces the waves of one release:\nthey count from now. A machine that had its turn and has not updated yet waits for its new one.",
    operands: ["REPOSITORY", "[RELEASE]"],
    options: [...SIGNING, "waves", "start-at", "dry-run", "json"],
    examples: [
      "publisher waves repository",
      "publisher waves repository 1.2.0 --waves urgent --keys keys --passphrase-file passphrase",
    ],
  },
  "set-max-version": {
    summary: "Set the highest version that machines may run; those of a higher one go back",
    about:
      "Withdraws releases: machines that run a later version than this one go back to the newest that is left.",
    operands: ["REPOSITORY", "VERSION"],
    options: [...SIGNING, "variant", "dry-run", "json"],
    examples: [
      "publisher set-max-version repository 1.2.0 --keys keys --passphrase-file passphrase",
      "publisher set-max-version repository 1.2.0 --keys keys --passphrase-file passphrase --variant standalone",
    ],
  },
  refresh: {
    summary: "Sign again what expires; for a timer, once a day",
    about: "Signs targets, snapshot and timestamp again. It needs none of the keys of root.",
    operands: ["REPOSITORY"],
    options: [...SIGNING],
    examples: ["publisher refresh repository --keys keys --passphrase-file passphrase"],
  },
  "rotate-key": {
    summary: "Give a role new keys: root, targets, snapshot or timestamp",
    about:
      "Makes new keys for a role and a new root that names them, signed by those whom the old root names and, for root, by the new\nones too. It needs no network, and of the repository nothing but its metadata.",
    operands: ["REPOSITORY", "ROLE"],
    options: [...SIGNING, "root-key", "root-passphrase-file", "dry-run", "json"],
    examples: [
      "publisher rotate-key repository timestamp --keys keys --passphrase-file passphrase --root-key /media/a/root-1.key --root-key /media/b/root-2.key",
      "publisher rotate-key repository root --keys keys --passphrase-file passphrase --root-key /media/a/root-1.key --root-key /media/b/root-2.key",
    ],
  },
  "renew-root": {
    summary: "Sign a new root with the same keys, before the old one expires",
    about: "Machines that have been off since before the old one expired follow too.",
    operands: ["REPOSITORY"],
    options: [...SIGNING, "root-key", "root-passphrase-file", "dry-run", "json"],
    examples: [
      "publisher renew-root repository --keys keys --passphrase-file passphrase --root-key /media/a/root-1.key --root-key /media/b/root-2.key",
    ],
  },
  validate: {
    summary: "Fetch all of a published repository, and verify it as a machine does",
    about:
      "Trusts the root alone, fetches all releases and verifies all of their files. The repository is a URL, a folder\nor a bundle; of a bundle, the releases that it holds.",
    operands: ["URL"],
    options: ["root", "ignore-expiry", "json"],
    examples: [
      "publisher validate https://updates.example.org/ --root repository/metadata/1.root.json",
      "publisher validate release.tar --root repository/metadata/1.root.json",
    ],
  },
  bundle: {
    summary: "Put releases into one file, for machines without a network",
    about:
      "Writes metadata and releases into one tar archive, not compressed: images, bill of materials, archives of containers. The same\nrepository makes the same file. It signs nothing and needs no keys.",
    operands: ["REPOSITORY", "FILE"],
    options: ["release", "dry-run", "json"],
    examples: [
      "publisher bundle repository ballast.tar",
      "publisher bundle repository ballast.tar --release standalone-x86_64-1.2.0",
    ],
  },
  simulate: {
    summary: "Tell how a release reaches machines, hour by hour, and the load on the server",
    about:
      "Tells for each hour how many of N machines begin to update under the waves, and what they ask of the server. What a machine\nfetches is taken from a repository, whole or from another release on, or told by --bytes.",
    operands: ["[REPOSITORY]"],
    options: ["machines", "waves", "of", "from", "bytes", "check-minutes", "json"],
    examples: [
      "publisher simulate repository --machines 100000 --from 1.1.0",
      "publisher simulate --machines 10000000 --waves accelerated --bytes 3000000 --json",
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
