import type { CommandSpec, OptionSpecs } from "./option.ts";
import { COMMIT_OPTIONS, SETTINGS_COMMANDS } from "./settings-command-table.ts";

const JSON_OPTION = {
  json: { type: "boolean", help: "Print JSON" },
} as const satisfies OptionSpecs;

/** Options that every command takes, before or behind its name. */
export const GLOBAL_OPTIONS: OptionSpecs = {
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
  help: { type: "boolean", short: "h", help: "Show this help" },
  version: { type: "boolean", help: "Show the version" },
};

export const COMMANDS = {
  get: {
    summary: "Show facts of the machine and settings",
    operands: "[PREFIX… | /URI]",
    about:
      "Prefixes begin with os or settings; both are shown unless told. A word that begins with / is a path of the API.",
    options: {},
    examples: [
      "apiclient get",
      "apiclient get settings.network os.version_id",
      "apiclient get /boot",
    ],
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
  watch: {
    summary: "Show what happens: commits, what is applied, health, slots",
    about:
      "Begins with the present state and goes on until stopped; exit code 69 when the machine ends it.",
    options: { json: { type: "boolean", help: "Print JSON, one event a line" } },
    examples: ["apiclient watch", "apiclient --remote web-1 --credentials creds watch --json"],
  },
  logs: {
    summary: "Show the journal of this boot",
    options: {
      follow: { type: "boolean", short: "f", help: "Go on with new lines until stopped" },
      unit: { type: "string", short: "u", value: "UNIT", help: "Only the lines of this unit" },
      lines: { type: "string", short: "n", value: "N", help: "This many lines, 100 unless told" },
      json: { type: "boolean", help: "Print the journal's own JSON, one object a line" },
    },
    examples: ["apiclient logs -n 20", "apiclient logs -f --unit containerd.service"],
  },
  reboot: { summary: "Restart the machine", options: {}, examples: ["apiclient reboot"] },
  shutdown: { summary: "Power the machine off", options: {}, examples: ["apiclient shutdown"] },
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
  bootstrap: {
    summary: "Make the certificates for the remote API, and user data that turns it on",
    about:
      "Works without a machine. Makes a CA of its own, so that nobody else's certificate is ever accepted. The client checks that the machine's name or address is in its certificate: give each one you will call it by as --name.",
    options: {
      out: { type: "string", value: "DIR", help: "Directory to make; must not exist or be empty" },
      name: {
        type: "string",
        multiple: true,
        value: "DNS_OR_IP",
        help: "Name of the machine; ballast, localhost, 127.0.0.1 and ::1 unless told",
      },
      role: { type: "string", value: "ROLE", help: "reader, operator or admin; admin unless told" },
      days: {
        type: "string",
        value: "N",
        help: "Days that the certificates hold, 365 unless told",
      },
      hostname: { type: "string", value: "NAME", help: "Host name for the user data" },
      port: { type: "string", value: "PORT", help: "Port of the remote API, 8443 unless told" },
      force: { type: "boolean", help: "Move an earlier result aside instead of refusing" },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient bootstrap --out creds",
      "apiclient bootstrap --out creds --name web-1.example.org --name 192.0.2.7 --hostname web-1",
      "apiclient bootstrap --out creds --role reader --days 30",
    ],
  },
  certs: {
    summary: "Replace the certificates of the remote API before they end",
    operands: "rotate",
    about:
      "Makes a new server certificate and a new client certificate from the CA in --credentials DIR, for the names and the role of those there. Takes a role of admin. The machine keeps the former ones unless it answers with the new ones; the directory is then moved aside as a whole.",
    options: {
      days: { type: "string", value: "N", help: "Days that they are valid, 365 unless told" },
      json: { type: "boolean", help: "Print JSON" },
    },
    examples: ["apiclient --remote web-1 --credentials creds certs rotate"],
  },
  completion: {
    summary: "Print a completion script",
    operands: "bash | zsh | fish",
    options: {},
    examples: ["source <(apiclient completion bash)", "apiclient completion fish | source"],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
