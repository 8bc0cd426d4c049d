import { CREDENTIAL_COMMANDS } from "./credential-command-table.ts";
import { JSON_OPTION, type CommandSpec, type OptionSpecs } from "./option.ts";
import { REPORT_COMMANDS } from "./report-command-table.ts";
import { COMMIT_OPTIONS, SETTINGS_COMMANDS } from "./settings-command-table.ts";
import { UPDATE_COMMANDS } from "./update-command-table.ts";
import { WORKLOAD_COMMANDS } from "./container-command-table.ts";

/** Options that say which machine is called, before or behind the name of every command that calls one. */
export const MACHINE_OPTIONS: OptionSpecs = {
  context: {
    type: "string",
    value: "NAME[,NAME]…",
    help: "Call the machine of this context, or read from several (BALLAST_CONTEXT)",
  },
  remote: {
    type: "string",
    value: "HOST[:PORT]",
    help: "Call this machine over TLS, port 8443 unless told (BALLAST_REMOTE)",
  },
  credentials: {
    type: "string",
    value: "DIR",
    help: "ca.pem, client.pem and client.key for --remote (BALLAST_CREDENTIALS)",
  },
  socket: {
    type: "string",
    value: "PATH",
    help: "Call over this socket, /run/ballast/api.sock unless told (BALLAST_SOCKET)",
  },
};

/** Options that every command takes. */
export const GLOBAL_OPTIONS: OptionSpecs = {
  help: { type: "boolean", short: "h", help: "Show this help" },
  version: { type: "boolean", help: "Show the version" },
};

export const COMMANDS = {
  get: {
    summary: "Show facts of the machine and settings",
    operands: "[PREFIX… | /URI]",
    about:
      "A prefix is a key of the settings, with or without settings. before it, or begins with os; all is shown unless told. A word that begins with / is a path of the API. The answer is JSON; with --json on one line.",
    options: { json: { type: "boolean", help: "Print the JSON on one line" } },
    examples: ["apiclient get", "apiclient get network os.version_id", "apiclient get /boot"],
  },
  set: {
    summary: "Change settings and apply them",
    operands: "KEY=VALUE… | -j JSON",
    about:
      "All changes are one transaction: either all hold or none. Tells what was done for each service; exit code 1 if one failed. A secret is better given to -j - than on the command line.",
    options: {
      "from-json": {
        type: "string",
        short: "j",
        value: "JSON",
        help: "Nested settings instead of KEY=VALUE; null takes a value away; - reads standard input",
      },
      ...COMMIT_OPTIONS,
    },
    examples: [
      "apiclient set motd='Hello' network.hostname=web-1",
      `apiclient set -j '{"network": {"hostname": "web-1"}}'`,
      "apiclient set --json motd=Hello",
      "apiclient set --try 60 network.hostname=web-2 && apiclient confirm",
    ],
  },
  ...SETTINGS_COMMANDS,
  explain: {
    summary: "Tell what a setting is, how it stands and what a change of it touches",
    operands: "[KEY]",
    about:
      "Asks the machine, so it is true for the version that runs there. A group or a table lists what is in it; without a key all groups are listed. Secrets are never shown.",
    options: JSON_OPTION,
    examples: [
      "apiclient explain",
      "apiclient explain network.hostname",
      "apiclient explain containers.web --json",
    ],
  },
  health: {
    summary: "Show whether the machine is healthy",
    about: "Exit code 0 when healthy, 75 while it starts, 1 when degraded.",
    options: {
      wait: {
        type: "string",
        value: "SECONDS",
        help: "Ask again until it is healthy, at most so long; then the last answer holds",
      },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient health",
      "apiclient health --wait 60",
      "apiclient --remote web-1 --credentials creds health --json",
    ],
  },
  slots: {
    summary: "Show both slots, which boots next, and why one failed",
    about:
      "A machine has two slots, each a whole system. The one that runs is active; the other one takes over when it fails.",
    options: JSON_OPTION,
    examples: [
      "apiclient slots",
      "apiclient slots --json",
      "apiclient --remote web-1 --credentials creds slots",
    ],
  },
  rollback: {
    summary: "Boot the other slot next",
    about:
      "The slot that ran before boots at the next restart, and stays. Refused with exit code 75 if it would not boot, or if it is not certain which slot runs.",
    options: {
      reboot: { type: "boolean", help: "Restart the machine now" },
      ...JSON_OPTION,
    },
    examples: ["apiclient rollback", "apiclient rollback --reboot"],
  },
  reset: {
    summary: "Restart the machine as it was at its first boot",
    about:
      'All settings and their history are erased, and user data is taken again. Asks on the terminal unless --yes is given. Exit code 1 if the answer is not "reset".',
    options: {
      data: { type: "boolean", help: "Erase DATA too: containers, their volumes, logs" },
      yes: { type: "boolean", help: "Do not ask" },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient reset",
      "apiclient --remote web-1 --credentials creds reset --data --yes",
    ],
  },
  watch: {
    summary: "Show what happens: commits, what is applied, health, slots, updates",
    about:
      "Begins with the present state and goes on until stopped. When the connection is lost it is made again, with the state of then.",
    options: { json: { type: "boolean", help: "Print JSON, one event a line" } },
    examples: ["apiclient watch", "apiclient --remote web-1 --credentials creds watch --json"],
  },
  logs: {
    summary: "Show what a container prints, or the journal of this boot",
    operands: "[NAME]",
    about:
      "With the NAME of a container its own lines, those of standard error on standard error, through restarts; without it the journal of the machine. Where containers of two kinds have one name: workload/NAME, host/NAME or bootstrap/NAME.",
    options: {
      follow: { type: "boolean", short: "f", help: "Go on with new lines until stopped" },
      unit: { type: "string", short: "u", value: "UNIT", help: "Only the lines of this unit" },
      lines: { type: "string", short: "n", value: "N", help: "This many lines, 100 unless told" },
      since: {
        type: "string",
        value: "TIME",
        help: "With NAME: all lines since then; an age as 10m, or 2026-01-31T12:00:00Z",
      },
      timestamps: { type: "boolean", short: "t", help: "With NAME: the time before each line" },
      json: { type: "boolean", help: "Print the JSON as it comes, one object a line" },
    },
    examples: [
      "apiclient logs web",
      "apiclient logs -f --since 10m -t host/admin",
      "apiclient logs -n 20",
      "apiclient logs -f --unit containerd.service",
    ],
  },
  reboot: {
    summary: "Restart the machine",
    about: "Tells which version comes when an update is ready.",
    options: JSON_OPTION,
    examples: ["apiclient reboot"],
  },
  shutdown: {
    summary: "Power the machine off",
    options: JSON_OPTION,
    examples: ["apiclient shutdown"],
  },
  ...REPORT_COMMANDS,
  ...WORKLOAD_COMMANDS,
  ...UPDATE_COMMANDS,
  raw: {
    summary: "Call any path of the API",
    options: {
      uri: {
        type: "string",
        short: "u",
        value: "URI",
        help: "Path and query, for example /tx?tx=x",
      },
      method: { type: "string", short: "m", value: "METHOD", help: "GET unless told" },
      data: { type: "string", short: "d", value: "JSON", help: "Body of the call" },
    },
    examples: [
      "apiclient raw -u /os",
      `apiclient raw -m PATCH -u '/settings?tx=mine' -d '{"motd": "Hello"}'`,
    ],
  },
  ...CREDENTIAL_COMMANDS,
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;

/** Those of every command that this one has no meaning of its own for. */
export function commonOptionsOf(name: CommandName): OptionSpecs {
  const spec: CommandSpec = COMMANDS[name];
  const all = { ...(spec.offline === true ? {} : MACHINE_OPTIONS), ...GLOBAL_OPTIONS };
  return Object.fromEntries(
    Object.entries(all).filter(([option]) => !Object.hasOwn(spec.options, option)),
  );
}

/** All that a command takes. */
export function optionsOf(name: CommandName): OptionSpecs {
  const spec: CommandSpec = COMMANDS[name];
  return { ...spec.options, ...commonOptionsOf(name) };
}

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
