/** One command as data: parser, help and completion are made from it. */
interface CommandSpec {
  readonly summary: string;
  readonly about: string;
  /** What it does to the table; readers take no lock and no --dry-run. `firmware`: it knows no disk, but EFI variables. */
  readonly access: "read" | "write" | "firmware";
  /** With --device, whether the active slot has to be told. */
  readonly slot: "required" | "optional";
  readonly options?: readonly OptionName[];
  readonly examples: readonly string[];
}

interface OptionSpec {
  readonly type: "string" | "boolean";
  readonly short?: string;
  readonly value?: string;
  readonly help: string;
}

export const OPTIONS = {
  device: {
    type: "string",
    value: "FILE",
    help: "A disk or an image of one instead of the disk of this machine",
  },
  slot: {
    type: "string",
    value: "A|B",
    help: "The slot that counts as active, with --device only",
  },
  "root-hash": {
    type: "string",
    value: "HEX",
    help: "The root hash of the new root, 64 hexadecimal digits",
  },
  data: { type: "boolean", help: "DATA too: containers, their volumes, the journal" },
  part: {
    type: "string",
    value: "state|data",
    help: "The partition whose file system was made anew",
  },
  "dry-run": { type: "boolean", help: "Print what would be written" },
  json: { type: "boolean", help: "Print JSON, of a failure too" },
  help: { type: "boolean", short: "h", help: "Show this help" },
  version: { type: "boolean", help: "Show the version" },
} as const satisfies Readonly<Record<string, OptionSpec>>;

export type OptionName = keyof typeof OPTIONS;

export const COMMANDS = {
  status: {
    summary: "Show both slots, which is active and which boots next",
    about:
      "Shows both slots, which is active, which boots next, and the state of both table copies.",
    access: "read",
    slot: "optional",
    examples: [
      "signpost status",
      "signpost status --json",
      "signpost status --device disk.img --slot A",
    ],
  },
  "has-boot-ever-succeeded": {
    summary: "Tell whether any boot of this disk was ever marked successful",
    about: "Prints true or false; the exit code is 0 either way.",
    access: "read",
    slot: "optional",
    examples: ["signpost has-boot-ever-succeeded"],
  },
  "mark-successful-boot": {
    summary: "Mark the active slot successful and refill its tries",
    about:
      "Marks the active slot successful and refills its tries to 7. On the machine a slot that is not marked yet is read\nwhole before. A proven fallback without tries gets 2 and a place behind the active slot.",
    access: "write",
    slot: "required",
    examples: [
      "signpost mark-successful-boot",
      "signpost mark-successful-boot --dry-run",
      "signpost mark-successful-boot --device disk.img --slot A",
    ],
  },
  "refill-tries": {
    summary: "Give the active slot back its tries if it is marked successful",
    about: "Runs at a clean shutdown. An unproven slot is left as it is.",
    access: "write",
    slot: "required",
    examples: ["signpost refill-tries"],
  },
  "clear-inactive": {
    summary: "Take the inactive slot out of use, before it is written",
    about:
      "Sets priority, tries and successful of the inactive slot to 0 and gives its ROOT and HASH random UUIDs. Refused while\nthe active slot is not marked successful and the inactive one would boot: it is the only fallback then.",
    access: "write",
    slot: "required",
    examples: ["signpost clear-inactive", "signpost clear-inactive --device disk.img --slot A"],
  },
  "set-slot-uuids": {
    summary: "Name ROOT and HASH of the inactive slot by a root hash",
    about:
      "Gives ROOT of the inactive slot the first half of the root hash as its UUID and HASH the second. Refused if the slot is\nnot cleared, or if another partition carries one of them.",
    access: "write",
    slot: "required",
    options: ["root-hash"],
    examples: [
      "signpost set-slot-uuids --root-hash 4f1f…",
      "signpost set-slot-uuids --device disk.img --slot A --root-hash 4f1f…",
    ],
  },
  "mark-inactive-valid": {
    summary: "Tell that the inactive slot is written completely",
    about: "Gives the inactive slot 2 tries; it is not booted before upgrade-to-inactive.",
    access: "write",
    slot: "required",
    examples: ["signpost mark-inactive-valid"],
  },
  "upgrade-to-inactive": {
    summary: "Boot the inactive slot next, on trial",
    about:
      "Gives the inactive slot priority 2 and the active one priority 1. Refused if the inactive slot is not marked valid.",
    access: "write",
    slot: "required",
    examples: ["signpost upgrade-to-inactive", "signpost upgrade-to-inactive --dry-run"],
  },
  "cancel-upgrade": {
    summary: "Boot the active slot next after all",
    about:
      "Gives the active slot priority 2. A new inactive slot loses its priority and keeps its tries, so that it can be\nupgraded to again; a proven one stays behind as the fallback.",
    access: "write",
    slot: "required",
    examples: ["signpost cancel-upgrade"],
  },
  "rollback-to-inactive": {
    summary: "Boot the inactive slot next, as it was before",
    about:
      "Gives the inactive slot priority 2 and the active one priority 1. Refused if the inactive slot would not boot.",
    access: "write",
    slot: "required",
    examples: ["signpost rollback-to-inactive", "signpost rollback-to-inactive --json"],
  },
  "request-reset": {
    summary: "Have STATE made anew at the next start",
    about:
      "At the next start the file system of STATE is made anew: all settings and their history are lost, and user data is\ntaken as at the first boot. Refused if the selector on this machine is too old to know of it.",
    access: "write",
    slot: "optional",
    options: ["data"],
    examples: ["signpost request-reset", "signpost request-reset --data"],
  },
  "cancel-reset": {
    summary: "Take a request for a reset back",
    about: "Both partitions stay as they are at the next start.",
    access: "write",
    slot: "optional",
    examples: ["signpost cancel-reset"],
  },
  "clear-reset": {
    summary: "Tell that the file system of a partition was made anew",
    about:
      "Used by reset-state.service and reset-data.service, with --dry-run before they begin: it is refused if it is not certain\nwhich disk this machine runs from.",
    access: "write",
    slot: "optional",
    options: ["part"],
    examples: ["signpost clear-reset --part state"],
  },
  "rewrite-table": {
    summary: "Repair the partition table and fit it to the size of the disk",
    about:
      "Writes a damaged or outdated copy anew, moves the backup to the end of a disk whose size has changed, and makes the\nspace before it usable. No partition changes.",
    access: "write",
    slot: "optional",
    examples: ["signpost rewrite-table", "signpost rewrite-table --device disk.img --dry-run"],
  },
  "write-parameters": {
    summary: "Ask the selector for the kernel and init parameters of the settings",
    about:
      "Writes what the API server left in /run/ballast/etc/boot-parameters to an EFI variable. The selector tries it once, at the\nnext start. A set that was tried in vain before is tried again when it is asked for after another one, or none.",
    access: "firmware",
    slot: "optional",
    examples: ["signpost write-parameters", "signpost write-parameters --json"],
  },
  "prove-parameters": {
    summary: "Tell the selector that the boot with new parameters went well",
    about: "Runs after the mark. Does nothing if this boot has no parameters, or proven ones.",
    access: "firmware",
    slot: "optional",
    examples: ["signpost prove-parameters"],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;

export type WriteCommandName = {
  [Name in CommandName]: (typeof COMMANDS)[Name]["access"] extends "write" ? Name : never;
}[CommandName];

export type FirmwareCommandName = {
  [Name in CommandName]: (typeof COMMANDS)[Name]["access"] extends "firmware" ? Name : never;
}[CommandName];

export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

export function isCommandName(name: string | undefined): name is CommandName {
  return name !== undefined && Object.hasOwn(COMMANDS, name);
}

/** The options that a command takes, in the order of the help. */
export function optionsOf(name: CommandName): OptionName[] {
  const spec: CommandSpec = COMMANDS[name];
  if (spec.access === "firmware") return ["json", "help"];
  return [
    "device",
    "slot",
    ...(spec.options ?? []),
    ...(spec.access === "write" ? (["dry-run"] as const) : []),
    "json",
    "help",
  ];
}
