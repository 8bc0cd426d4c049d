import { UsageError } from "@ballast/errors";
import type { CommandName } from "./command-table.ts";

/** Checks that the parsers of commands share. */
export function parseNumber(
  command: CommandName,
  option: string,
  text: string,
  min: number,
  max: number,
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw usage(command, `--${option} must be a number from ${min} to ${max}`);
}

export function noOperands(command: CommandName, [extra]: readonly string[]): void {
  if (extra !== undefined) throw usage(command, `unexpected argument "${extra}"`);
}

export function atMostOne(
  command: CommandName,
  [first, extra]: readonly string[],
): string | undefined {
  if (extra !== undefined) throw usage(command, `unexpected argument "${extra}"`);
  return first;
}

/** The word behind the name of a command that has several. */
export function oneVerb<Verb extends string>(
  command: CommandName,
  verbs: readonly Verb[],
  word: string | undefined,
): Verb {
  const verb = verbs.find((known) => known === word);
  if (verb !== undefined) return verb;
  const rule = verbs.length === 1 ? `must be ${verbs[0]}` : `must be one of ${verbs.join(", ")}`;
  throw usage(command, word === undefined ? `what to do ${rule}` : `"${word}" ${rule}`);
}

export function usage(command: CommandName, reason: string): UsageError {
  return new UsageError(`Cannot run apiclient ${command}: ${reason}`, hintOf(command));
}

export function hintOf(command: CommandName): string {
  const before =
    command === "exec" ? "Options of the command itself come behind -- (NAME -- CMD). " : "";
  return before + `See "apiclient ${command} --help".`;
}
