import { JSON_OPTION, type CommandSpec, type OptionSpecs } from "./option.ts";

/** Of every command that commits. */
export const COMMIT_OPTIONS = {
  try: {
    type: "string",
    value: "SECONDS",
    help: "Take the change back by itself unless it is confirmed in this time (1 to 3600)",
  },
  "rollback-on-failure": {
    type: "boolean",
    help: "Take the change back if a service cannot be applied",
  },
  ...JSON_OPTION,
} as const satisfies OptionSpecs;

const CA_OPTION = {
  ca: {
    type: "string",
    value: "FILE",
    help: "PEM of authorities to trust for https sources, besides the usual ones",
  },
} as const satisfies OptionSpecs;

const TX_OPTION = {
  tx: { type: "string", value: "NAME", help: "The transaction, default unless told" },
} as const satisfies OptionSpecs;

/** Commands that change settings or look at changes of them. */
export const SETTINGS_COMMANDS = {
  unset: {
    summary: "Take settings away, so that their defaults hold again",
    operands: "KEY…",
    about: "A key may also be an entry of a map, which goes with all that is in it.",
    options: COMMIT_OPTIONS,
    examples: ["apiclient unset motd network.hostname", "apiclient unset health.web"],
  },
  apply: {
    summary: "Set what files say, all or nothing",
    operands: "[FILE | HTTPS_URL | -]…",
    about:
      "Reads TOML or JSON, of standard input unless told. All sources are one transaction; where two set the same key the later wins. Settings that no source names stay as they are.",
    options: { ...CA_OPTION, ...COMMIT_OPTIONS },
    examples: [
      "apiclient apply settings.toml",
      "apiclient apply https://example.org/base.toml local.json",
      "apiclient apply --try 60 < settings.toml",
    ],
  },
  edit: {
    summary: "Change settings in an editor",
    about:
      "Opens the settings as TOML in VISUAL or EDITOR. What is removed falls back to its default; secrets are not shown. A text that the machine refuses is opened again with the reason; nothing happens if it is left as it was.",
    options: COMMIT_OPTIONS,
    examples: ["apiclient edit", "EDITOR='code --wait' apiclient edit --try 60"],
  },
  diff: {
    summary: "Show what a transaction or a file would change",
    operands: "[FILE | HTTPS_URL | -]",
    about:
      "Keys with their old and new values, files that are rewritten, units that restart, and whether the machine must be restarted. Nothing is changed.",
    options: { ...TX_OPTION, ...CA_OPTION, ...JSON_OPTION },
    examples: ["apiclient diff", "apiclient diff settings.toml", "apiclient diff --tx mine --json"],
  },
  commit: {
    summary: "Commit a transaction and apply it",
    options: { ...TX_OPTION, ...COMMIT_OPTIONS },
    examples: ["apiclient commit", "apiclient commit --tx mine --try 60"],
  },
  confirm: {
    summary: "Keep a change that was made with --try",
    operands: "[TOKEN]",
    about: "Without a token: the change that waits.",
    options: JSON_OPTION,
    examples: ["apiclient set --try 60 network.hostname=web-2", "apiclient confirm"],
  },
  revert: {
    summary: "Take back a change that was made with --try",
    operands: "[TOKEN]",
    about: "At once, without waiting for the end of its time.",
    options: JSON_OPTION,
    examples: ["apiclient revert"],
  },
  history: {
    summary: "Show the last commits",
    options: {
      count: {
        type: "string",
        short: "n",
        value: "N",
        help: "This many, all that are kept unless told",
      },
      ...JSON_OPTION,
    },
    examples: ["apiclient history", "apiclient history -n 5 --json"],
  },
  restore: {
    summary: "Go back to the settings as they were after a commit",
    operands: "ID",
    about:
      "The number of the commit is in the history. Refused if somebody changes settings at the same time. Secrets are not in the history: they stay as they are, and are named.",
    options: {
      "dry-run": { type: "boolean", help: "Only show what would change" },
      ...COMMIT_OPTIONS,
    },
    examples: ["apiclient restore 12 --dry-run", "apiclient restore 12"],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type SettingsCommandName = keyof typeof SETTINGS_COMMANDS;

export function isSettingsCommand(name: string): name is SettingsCommandName {
  return Object.hasOwn(SETTINGS_COMMANDS, name);
}
