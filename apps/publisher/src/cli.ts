import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import { ROLE_NAMES, type RoleName } from "@ballast/tuf/repository";
import {
  isCommandName,
  operandsOf,
  OPTIONS,
  optionsOf,
  SHELLS,
  type CommandName,
  type Shell,
} from "./command-table.ts";
import type { Command, WavesChange } from "./command.ts";

type Values = ReturnType<typeof parse>["values"];

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, ...operands] = positionals;
  if (values.version === true) return { do: "version" };
  if (values.help === true && name === undefined) return { do: "help", topic: undefined };
  if (name === undefined) throw refusal("no command given");
  if (name === "completion") return { do: "completion", shell: shellOf(operands) };
  if (!isCommandName(name)) throw refusal(`there is no command "${name}"`);
  if (values.help === true) return { do: "help", topic: name };
  const known = new Set<string>(optionsOf(name));
  const useless = Object.keys(values).find((option) => !known.has(option));
  if (useless !== undefined) throw refusal(`"${name}" takes no --${useless}`);
  checkOperands(name, operands);
  const [repository = "", second = ""] = operands;
  const json = values.json === true;
  const dryRun = values["dry-run"] === true;
  return MAKERS[name]({ repository, second, json, dryRun, values });
}

function checkOperands(name: CommandName, operands: readonly string[]): void {
  const wanted = operandsOf(name);
  const missing = wanted[operands.length];
  if (missing !== undefined && !missing.startsWith("["))
    throw refusal(`"${name}" needs ${missing}`);
  const extra = operands[wanted.length];
  if (extra !== undefined) throw refusal(`unexpected argument "${extra}"`);
}

interface Input {
  readonly repository: string;
  /** The second operand. */
  readonly second: string;
  readonly json: boolean;
  readonly dryRun: boolean;
  readonly values: Values;
}

const MAKERS: Readonly<Record<CommandName, (input: Input) => Command>> = {
  init: (input) => ({ do: "init", ...signing(input), ...rootScheme(input.values) }),
  add: (input) => ({
    ...{ do: "add", ...signing(input), image: input.second },
    ...{ dryRun: input.dryRun, json: input.json },
    waves: input.values.waves ?? "default",
    archives: input.values.archive ?? [],
  }),
  waves: ({ repository, second, json, dryRun, values }) => ({
    ...{ do: "waves", repository, json, release: second === "" ? undefined : second },
    change: changeOf(values, dryRun),
  }),
  "set-max-version": (input) => ({
    ...{ do: "set-max-version", ...signing(input) },
    ...{ version: input.second, variant: input.values.variant },
    ...{ dryRun: input.dryRun, json: input.json },
  }),
  refresh: (input) => ({ do: "refresh", ...signing(input) }),
  "rotate-key": (input) => ({
    ...{ do: "rotate-key", ...signingRoot(input) },
    role: roleOf(input.second),
  }),
  "renew-root": (input) => ({ do: "renew-root", ...signingRoot(input) }),
  validate: ({ repository, json, values }) => ({
    ...{ do: "validate", repository, json },
    root: needed(values, "root"),
    ignoreExpiry: values["ignore-expiry"] === true,
  }),
  bundle: ({ repository, second, json, dryRun, values }) => ({
    ...{ do: "bundle", repository, file: second, json, dryRun },
    releases: values.release ?? [],
  }),
  simulate: ({ repository, json, values }) => ({
    ...{ do: "simulate", json, repository: repository === "" ? undefined : repository },
    ...{ waves: values.waves, release: values.of, from: values.from },
    machines: numberOf(values.machines ?? "10000", "machines", 1, 999_999_999),
    checkMinutes: numberOf(values["check-minutes"] ?? "60", "check-minutes", 1, 10_080),
    bytes: values.bytes === undefined ? undefined : numberOf(values.bytes, "bytes", 0, 2 ** 40),
  }),
  serve: ({ repository, json, values }) => ({
    ...{ do: "serve", repository, json, host: values.host ?? "127.0.0.1" },
    port: numberOf(values.port ?? "8080", "port", 0, 65_535),
  }),
};

function changeOf(values: Values, dryRun: boolean): WavesChange | undefined {
  if (values.waves === undefined) return undefined;
  return {
    keys: needed(values, "keys"),
    passphraseFile: needed(values, "passphrase-file"),
    waves: values.waves,
    startAt: timeOf(values["start-at"]),
    dryRun,
  };
}

function signingRoot(input: Input) {
  const { values, dryRun, json } = input;
  return {
    ...{ ...signing(input), dryRun, json },
    rootKeyFiles: values["root-key"] ?? [],
    rootPassphraseFile: values["root-passphrase-file"],
  };
}

function roleOf(text: string): RoleName {
  const role = ROLE_NAMES.find((name) => name === text);
  if (role === undefined) throw refusal(`the role must be ${ROLE_NAMES.join(", ")}`);
  return role;
}

function timeOf(text: string | undefined): Temporal.Instant | undefined {
  try {
    return text === undefined ? undefined : Temporal.Instant.from(text);
  } catch {
    throw refusal("--start-at must be a time as 2026-06-01T00:00:00Z");
  }
}

function signing({ repository, values }: Input) {
  return {
    repository,
    keys: needed(values, "keys"),
    passphraseFile: needed(values, "passphrase-file"),
  };
}

function rootScheme(values: Values): { rootKeys: number; rootThreshold: number } {
  const rootKeys = numberOf(values["root-keys"] ?? "3", "root-keys", 1, 9);
  const rootThreshold = numberOf(values["root-threshold"] ?? "2", "root-threshold", 1, 9);
  if (rootThreshold > rootKeys)
    throw refusal(`${rootThreshold} signatures cannot come from ${rootKeys} keys`);
  return { rootKeys, rootThreshold };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    throw refusal(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
}

function shellOf([shell, ...more]: readonly string[]): Shell {
  const known = SHELLS.find((name) => name === shell);
  if (known === undefined || more.length > 0)
    throw refusal(`the shell must be ${SHELLS.join(", ")}`);
  return known;
}

function needed(values: Values, name: "keys" | "passphrase-file" | "root"): string {
  const value = values[name];
  if (value === undefined) throw refusal(`--${name} is missing`);
  return value;
}

function numberOf(text: string, name: string, least: number, most: number): number {
  const number = Number(text);
  if (!/^\d{1,13}$/.test(text) || number < least || number > most)
    throw refusal(`--${name} must be a number from ${least} to ${most}`);
  return number;
}

function refusal(reason: string): UsageError {
  return new UsageError(`Cannot run publisher: ${reason}`, 'See "publisher --help".');
}
