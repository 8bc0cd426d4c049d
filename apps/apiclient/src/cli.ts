import type { Call } from "@ballast/api-client";
import { UsageError } from "@ballast/errors";
import { hintOf, noOperands, parseNumber, usage } from "./cli-checks.ts";
import { COMMANDS, GLOBAL_OPTIONS, isCommandName, type CommandName } from "./command-table.ts";
import type { ApiCommand, BootstrapRequest, Command, Connection, Shell } from "./command.ts";
import type { OptionSpecs } from "./option.ts";
import { commitFlags, parseSettingsCommand } from "./settings-cli.ts";
import { isSettingsCommand } from "./settings-command-table.ts";
import { firstOperand, readValues, type Values } from "./values.ts";

const ALL_OPTIONS: OptionSpecs = Object.assign(
  { ...GLOBAL_OPTIONS },
  ...Object.values(COMMANDS).map(({ options }) => options),
);
const METHODS = ["GET", "POST", "PATCH", "PUT", "DELETE"] as const;
const ROLES = ["reader", "operator", "admin"] as const;
const SHELLS = ["bash", "zsh", "fish"] as const;

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const word = firstOperand(args, ALL_OPTIONS);
  if (word === undefined) return parseBare(args);
  if (!isCommandName(word))
    throw new UsageError(`Cannot run "${word}": no such command`, 'See "apiclient --help".');
  const options = { ...GLOBAL_OPTIONS, ...COMMANDS[word].options };
  const values = readValues(args, options, hintOf(word));
  if (values.has("help")) return { do: "help", topic: word };
  return values.has("version") ? { do: "version" } : parseNamed(word, values);
}

/** Without a command: help, version, or a raw call as with the peer's client. */
function parseBare(args: readonly string[]): Command {
  const options = { ...GLOBAL_OPTIONS, ...COMMANDS.raw.options };
  const values = readValues(args, options, 'See "apiclient --help".');
  if (values.has("help")) return { do: "help", topic: undefined };
  if (values.has("version")) return { do: "version" };
  if (values.text("uri") === undefined)
    throw new UsageError("Cannot run apiclient: no command given", 'See "apiclient --help".');
  return callOf(values, { do: "raw", call: parseRaw(values, []) });
}

function parseNamed(name: CommandName, values: Values): Command {
  if (isSettingsCommand(name)) return callOf(values, parseSettingsCommand(name, values));
  const operands = values.operands.slice(1);
  switch (name) {
    case "get":
      return callOf(values, parseGet(operands));
    case "set":
      return callOf(values, parseSet(values, operands));
    case "logs":
      return callOf(values, parseLogs(values, operands));
    case "raw":
      return callOf(values, { do: "raw", call: parseRaw(values, operands) });
    case "health":
      noOperands(name, operands);
      return callOf(values, parseHealth(values));
    case "slots":
    case "watch":
      noOperands(name, operands);
      return callOf(values, { do: name, json: values.has("json") });
    case "rollback":
      noOperands(name, operands);
      return callOf(values, {
        do: name,
        reboot: values.has("reboot"),
        json: values.has("json"),
      });
    case "reboot":
    case "shutdown":
      noOperands(name, operands);
      return callOf(values, { do: name });
    case "bootstrap":
      noOperands(name, operands);
      return { do: name, ...parseBootstrap(values) };
    case "certs":
      return parseCerts(values, operands);
    case "completion":
      break;
  }
  return { do: "completion", shell: parseShell(operands) };
}

function callOf(values: Values, command: ApiCommand): Command {
  return { do: "call", ...connectionOf(values), command };
}

function connectionOf(values: Values): { connection: Connection } {
  const remote = values.text("remote");
  const credentials = values.text("credentials");
  const socket = values.text("socket");
  if (remote !== undefined && socket !== undefined)
    throw new UsageError("Cannot run apiclient: --remote and --socket exclude each other");
  return { connection: { remote, credentials, socket } };
}

function parseGet(operands: readonly string[]): ApiCommand {
  const [first, ...more] = operands;
  if (!operands.some((word) => word.startsWith("/"))) return { do: "get", prefixes: operands };
  if (first === undefined || more.length > 0)
    throw usage("get", "a path of the API stands alone, without prefixes or a second path");
  return { do: "get-uri", uri: first };
}

function parseSet(values: Values, pairs: readonly string[]): ApiCommand {
  const text = values.text("from-json");
  const flags = commitFlags("set", values);
  if (text !== undefined && pairs.length > 0)
    throw usage("set", "KEY=VALUE and -j exclude each other");
  if (text === "-") return { do: "set", values: { from: "stdin" }, flags };
  if (text !== undefined) return { do: "set", values: { from: "json", text }, flags };
  if (pairs.length === 0) throw usage("set", "nothing to set, must be KEY=VALUE or -j JSON");
  // Only the key is named: the value may be a secret.
  for (const [index, pair] of pairs.entries())
    if (pair.indexOf("=") < 1) throw usage("set", `argument ${index + 1} is not KEY=VALUE`);
  return { do: "set", values: { from: "pairs", pairs }, flags };
}

function parseHealth(values: Values): ApiCommand {
  const wait = parseNumber("health", "wait", values.text("wait") ?? "0", 0, 86_400);
  return { do: "health", json: values.has("json"), waitMs: wait * 1000 };
}

function parseLogs(values: Values, operands: readonly string[]): ApiCommand {
  noOperands("logs", operands);
  const lines = values.text("lines");
  return {
    do: "logs",
    follow: values.has("follow"),
    unit: values.text("unit"),
    lines: lines === undefined ? undefined : parseNumber("logs", "lines", lines, 0, 999_999),
    json: values.has("json"),
  };
}

function parseRaw(values: Values, operands: readonly string[]): Call {
  noOperands("raw", operands);
  const uri = values.text("uri");
  if (uri?.startsWith("/") !== true || /[\s\p{Cc}]/u.test(uri))
    throw usage("raw", "--uri must be a path of the API that begins with /");
  const name = (values.text("method") ?? "GET").toUpperCase();
  const method = METHODS.find((known) => known === name);
  if (method === undefined) throw usage("raw", `--method must be one of ${METHODS.join(", ")}`);
  const data = values.text("data");
  return { method, path: uri, ...(data === undefined ? {} : { body: parseData(data) }) };
}

function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not the cause: its message quotes the text, which may hold a secret.
    throw usage("raw", "--data must be JSON");
  }
}

function parseBootstrap(values: Values): BootstrapRequest {
  const outDir = values.text("out");
  if (outDir === undefined || outDir === "") throw usage("bootstrap", "--out DIR is missing");
  const role = ROLES.find((known) => known === (values.text("role") ?? "admin"));
  if (role === undefined) throw usage("bootstrap", `--role must be one of ${ROLES.join(", ")}`);
  return {
    outDir,
    names: values.texts("name"),
    role,
    days: parseNumber("bootstrap", "days", values.text("days") ?? "365", 1, 36_500),
    hostname: values.text("hostname"),
    port: parseNumber("bootstrap", "port", values.text("port") ?? "8443", 1, 65_535),
    force: values.has("force"),
    json: values.has("json"),
  };
}

function parseCerts(values: Values, operands: readonly string[]): Command {
  const [verb, ...more] = operands;
  if (verb !== "rotate") throw usage("certs", "what to do must be rotate");
  noOperands("certs", more);
  const { connection } = connectionOf(values);
  const days = parseNumber("certs", "days", values.text("days") ?? "365", 1, 36_500);
  return { do: "certs", connection, days, json: values.has("json") };
}

function parseShell(operands: readonly string[]): Shell {
  const shell = SHELLS.find((known) => known === operands[0]);
  if (shell === undefined || operands.length > 1)
    throw usage("completion", `the shell must be one of ${SHELLS.join(", ")}`);
  return shell;
}
