import { JSON_OPTION, type CommandSpec } from "./option.ts";

/** Commands about the credentials of machines, and about this client itself. */
export const CREDENTIAL_COMMANDS = {
  bootstrap: {
    offline: true,
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
      context: {
        type: "string",
        value: "NAME",
        help: "Add a context of this name that calls the machine by its first name",
      },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient bootstrap --out creds",
      "apiclient bootstrap --out creds --name web-1.example.org --name 192.0.2.7 --hostname web-1",
      "apiclient bootstrap --out creds --name web-1 --context web-1",
      "apiclient bootstrap --out creds --role reader --days 30",
    ],
  },
  certs: {
    verbs: ["rotate"],
    summary: "Replace the certificates of the remote API before they end",
    operands: "rotate",
    about:
      "Makes a new server certificate and a new client certificate from the CA in --credentials DIR, for the names and the role of those there. Takes a role of admin. The machine keeps the former ones unless it answers with the new ones; the directory is then moved aside as a whole.",
    options: {
      days: { type: "string", value: "N", help: "Days that they are valid, 365 unless told" },
      ...JSON_OPTION,
    },
    examples: ["apiclient --remote web-1 --credentials creds certs rotate"],
  },
  context: {
    verbs: ["add", "list", "use", "remove", "show"],
    offline: true,
    summary: "Name machines, so that they can be called by --context NAME",
    operands: "add NAME | list | use NAME | remove NAME | show [NAME]",
    about:
      "A context is the address of a machine and the directory with the credentials for it. One of them is the current one: it is called when nothing else is told. Options come first, then the environment (BALLAST_CONTEXT, BALLAST_REMOTE, BALLAST_SOCKET in this order), then the current context, then the socket of this machine; show tells what that leads to. Contexts are kept in ballast/contexts.json below XDG_CONFIG_HOME or ~/.config; credentials stay where they are.",
    options: {
      remote: { type: "string", value: "HOST[:PORT]", help: "add: address of the machine" },
      credentials: {
        type: "string",
        value: "DIR",
        help: "add: directory with ca.pem, client.pem and client.key",
      },
      ...JSON_OPTION,
    },
    examples: [
      "apiclient context add web-1 --remote web-1.example.org --credentials creds",
      "apiclient context use web-1",
      "apiclient health --context web-1,web-2",
    ],
  },
  completion: {
    verbs: ["bash", "zsh", "fish"],
    offline: true,
    summary: "Print a completion script",
    operands: "bash | zsh | fish",
    options: {},
    examples: ["source <(apiclient completion bash)", "apiclient completion fish | source"],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;
