import { UsageError } from "@ballast/errors";
import { nearTexts } from "@ballast/model/near-text";
import { parseGet, parseHealth, parseLogs, parseRaw, parseSet } from "./call-cli.ts";
import { atMostOne, hintOf, noOperands } from "./cli-checks.ts";
import {
  COMMANDS,
  GLOBAL_OPTIONS,
  isCommandName,
  MACHINE_OPTIONS,
  optionsOf,
  type CommandName,
} from "./command-table.ts";
import type { ApiCommand, Command } from "./command.ts";
import { connectionOf } from "./connection-cli.ts";
import { parseBootstrap, parseCerts, parseContext, parseShell } from "./credential-cli.ts";
import type { OptionSpecs } from "./option.ts";
import { parseReport } from "./report-cli.ts";
import { parseSettingsCommand } from "./settings-cli.ts";
import { isSettingsCommand } from "./settings-command-table.ts";
import { parseUpdate } from "./update-cli.ts";
import { firstOperand, readValues, type Values } from "./values.ts";
import { parseWorkloadCommand } from "./container-cli.ts";
import { isWorkloadCommand } from "./container-command-table.ts";

const ALL_OPTIONS: OptionSpecs = Object.assign(
  { ...GLOBAL_OPTIONS, ...MACHINE_OPTIONS },
  ...Object.values(COMMANDS).map(({ options }) => options),
);

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const word = firstOperand(args, ALL_OPTIONS);
  if (word === undefined) return parseBare(args);
  if (word === "help") return parseHelp(args);
  if (!isCommandName(word)) throw noSuchCommand(word);
  const values = readValues(args, optionsOf(word), hintOf(word));
  if (values.has("help")) return { do: "help", topic: word };
  return values.has("version") ? { do: "version" } : parseNamed(word, values);
}

/** Without a command: help, version, or a raw call as with the peer's client. */
function parseBare(args: readonly string[]): Command {
  const values = readValues(args, optionsOf("raw"), 'See "apiclient --help".');
  if (values.has("help")) return { do: "help", topic: undefined };
  if (values.has("version")) return { do: "version" };
  if (values.text("uri") === undefined)
    throw new UsageError("Cannot run apiclient: no command given", 'See "apiclient --help".');
  return callOf(values, { do: "raw", call: parseRaw(values, []) });
}

/** `help`, `help set`: what people type before they know. */
function parseHelp(args: readonly string[]): Command {
  const [, topic] = readValues(args, GLOBAL_OPTIONS, 'See "apiclient --help".').operands;
  if (topic === undefined || isCommandName(topic)) return { do: "help", topic };
  throw noSuchCommand(topic);
}

function noSuchCommand(word: string): UsageError {
  const near = nearTexts(word, Object.keys(COMMANDS)).map((name) => `"${name}"`);
  const guess = near.length === 0 ? "" : `Did you mean ${near.join(" or ")}? `;
  return new UsageError(`Cannot run "${word}": no such command`, `${guess}See "apiclient --help".`);
}

function parseNamed(name: CommandName, values: Values): Command {
  if (isSettingsCommand(name)) return callOf(values, parseSettingsCommand(name, values));
  if (isWorkloadCommand(name)) return callOf(values, parseWorkloadCommand(name, values));
  const operands = values.operands.slice(1);
  const json = values.has("json");
  switch (name) {
    case "get":
      return callOf(values, parseGet(values, operands));
    case "set":
      return callOf(values, parseSet(values, operands));
    case "explain":
      return callOf(values, { do: name, key: atMostOne(name, operands) ?? "", json });
    case "logs":
      return callOf(values, parseLogs(values, operands));
    case "report":
      return callOf(values, parseReport(values));
    case "update":
      return callOf(values, parseUpdate(values));
    case "raw":
      return callOf(values, { do: "raw", call: parseRaw(values, operands) });
    case "health":
      noOperands(name, operands);
      return callOf(values, parseHealth(values));
    case "rollback":
      noOperands(name, operands);
      return callOf(values, { do: name, reboot: values.has("reboot"), json });
    case "reset":
      noOperands(name, operands);
      return callOf(values, { do: name, data: values.has("data"), yes: values.has("yes"), json });
    case "slots":
    case "watch":
    case "reboot":
    case "shutdown":
      noOperands(name, operands);
      return callOf(values, { do: name, json });
    case "bootstrap":
      noOperands(name, operands);
      return { do: name, ...parseBootstrap(values) };
    case "certs":
      return parseCerts(values, operands);
    case "context":
      return { do: name, ...parseContext(values, operands) };
    case "completion":
      break;
  }
  return { do: "completion", shell: parseShell(operands) };
}

function callOf(values: Values, command: ApiCommand): Command {
  return { do: "call", connection: connectionOf(values), command };
}
