import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import type { ResetPart, SlotName } from "@ballast/gpt";
import {
  COMMANDS,
  isCommandName,
  OPTIONS,
  optionsOf,
  SHELLS,
  type CommandName,
  type FirmwareCommandName,
  type Shell,
  type WriteCommandName,
} from "./command-table.ts";

/** A disk that was named instead of that of this machine, and the slot that counts as its active one. */
export interface NamedDisk {
  readonly device: string;
  readonly slot: SlotName | undefined;
}

interface CommandBase {
  /** Undefined: the disk of this machine. */
  readonly disk: NamedDisk | undefined;
  readonly json: boolean;
}

export interface ReadCommand extends CommandBase {
  readonly do: Exclude<CommandName, WriteCommandName | FirmwareCommandName>;
}

export interface WriteCommand extends CommandBase {
  readonly do: WriteCommandName;
  readonly dryRun: boolean;
  /** There with set-slot-uuids only. */
  readonly rootHash: string;
  /** Of request-reset and clear-reset. */
  readonly resetParts: readonly ResetPart[];
}

/** Knows no disk. */
export interface FirmwareCommand {
  readonly do: FirmwareCommandName;
  readonly json: boolean;
}

export type Command =
  | { readonly do: "help"; readonly topic: CommandName | undefined }
  | { readonly do: "version" }
  | { readonly do: "completion"; readonly shell: Shell }
  | ReadCommand
  | WriteCommand
  | FirmwareCommand;

type Values = ReturnType<typeof parse>["values"];

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, ...operands] = positionals;
  if (values.version === true) return { do: "version" };
  if (values.help === true && name === undefined) return { do: "help", topic: undefined };
  if (name === "completion") return { do: "completion", shell: parseShell(operands) };
  if (!isCommandName(name))
    throw usageError(
      name === undefined
        ? "Cannot run signpost: no command given"
        : `Cannot run "${name}": no such command`,
    );
  if (values.help === true) return { do: "help", topic: name };
  if (operands[0] !== undefined) throw refusal(name, `unexpected argument "${operands[0]}"`);
  const known = new Set<string>(optionsOf(name));
  const useless = Object.keys(values).find((option) => !known.has(option));
  if (useless !== undefined) throw refusal(name, `--${useless} is of no use`);
  const json = values.json === true;
  if (isFirmwareCommand(name)) return { do: name, json };
  const disk = parseDisk(name, values);
  if (isReader(name)) return { do: name, disk, json };
  const rootHash = parseRootHash(name, values["root-hash"]);
  const resetParts = parseResetParts(name, values);
  return { do: name, disk, json, dryRun: values["dry-run"] === true, rootHash, resetParts };
}

function isFirmwareCommand(name: CommandName): name is FirmwareCommandName {
  return COMMANDS[name].access === "firmware";
}

function isReader(name: CommandName): name is ReadCommand["do"] {
  return COMMANDS[name].access === "read";
}

function parseDisk(name: CommandName, { device, slot }: Values): NamedDisk | undefined {
  if (device === undefined) {
    if (slot === undefined) return undefined;
    throw refusal(name, "--slot needs --device, on this machine it is the active slot");
  }
  if (slot === undefined && COMMANDS[name].slot === "required")
    throw refusal(name, "--device needs --slot A or --slot B, the slot that counts as active");
  if (slot !== undefined && slot !== "A" && slot !== "B")
    throw refusal(name, `--slot is "${slot}", must be A or B`);
  return { device, slot };
}

function parseRootHash(name: CommandName, text: string | undefined): string {
  if (name !== "set-slot-uuids") return "";
  if (text === undefined) throw refusal(name, "--root-hash is missing");
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw refusal(name, `--root-hash is "${text}", must have 64 hexadecimal digits`);
  return text;
}

function parseResetParts(name: CommandName, { data, part }: Values): readonly ResetPart[] {
  if (name === "request-reset") return data === true ? ["state", "data"] : ["state"];
  if (name !== "clear-reset") return [];
  if (part !== "state" && part !== "data")
    throw refusal(
      name,
      `--part is ${part === undefined ? "missing" : `"${part}"`}, must be state or data`,
    );
  return [part];
}

function parseShell([shell, ...more]: readonly string[]): Shell {
  const known = SHELLS.find((name) => name === shell);
  if (known === undefined || more.length > 0)
    throw usageError(`Cannot run signpost completion: the shell must be ${SHELLS.join(", ")}`);
  return known;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    const reason = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw usageError(`Cannot run signpost: ${reason}`);
  }
}

function refusal(name: CommandName, reason: string): UsageError {
  return usageError(`Cannot run signpost ${name}: ${reason}`);
}

function usageError(message: string): UsageError {
  return new UsageError(message, 'See "signpost --help".');
}
