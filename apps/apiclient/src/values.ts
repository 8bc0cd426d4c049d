import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import type { OptionSpecs } from "./option.ts";

/** Checked arguments: options by name and the rest. */
export interface Values {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  has(name: string): boolean;
  readonly operands: readonly string[];
}

/** Strict: an unknown option, a missing or a needless value is a UsageError; a repeated option counts by its last. */
export function readValues(args: readonly string[], options: OptionSpecs, hint: string): Values {
  const { values, positionals } = parse(args, options, hint);
  const texts = (name: string): readonly string[] =>
    [values[name] ?? []].flat().filter((value) => typeof value === "string");
  return {
    text: (name) => texts(name).at(-1),
    texts,
    has: (name) => values[name] === true,
    operands: positionals,
  };
}

/** The first word that is neither an option nor the value of one. */
export function firstOperand(args: readonly string[], options: OptionSpecs): string | undefined {
  return parseArgs({
    args: [...args],
    options: { ...options },
    strict: false,
    allowPositionals: true,
  }).positionals[0];
}

function parse(args: readonly string[], options: OptionSpecs, hint: string) {
  try {
    return parseArgs({ args: [...args], options: { ...options }, allowPositionals: true });
  } catch (error) {
    // Only the fault itself: parseArgs goes on with advice on its own API.
    const reason = error instanceof Error ? error.message.split(/\.\s/)[0] : String(error);
    throw new UsageError(`Cannot run apiclient: ${reason}`, hint);
  }
}
