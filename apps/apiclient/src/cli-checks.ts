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

export function usage(command: CommandName, reason: string): UsageError {
  return new UsageError(`Cannot run apiclient ${command}: ${reason}`, hintOf(command));
}

export function hintOf(command: CommandName): string {
  return `See "apiclient ${command} --help".`;
}
