import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";

/** How often each thing is measured. */
export interface Repeats {
  /** Boots of each guest. */
  readonly boots: number;
  /** Warm starts of each program; a quarter as many cold ones. */
  readonly starts: number;
  /** Rounds of requests, and server processes whose memory is read. */
  readonly rounds: number;
  /** Whether one server's memory is followed over 100,000 requests. */
  readonly isLong: boolean;
}

export type Command =
  | { readonly kind: "help" }
  | {
      readonly kind: "run";
      /** Undefined: all. */
      readonly only: readonly string[] | undefined;
      readonly repeats: Repeats;
      readonly isJson: boolean;
      readonly outFile: string | undefined;
      readonly isCold: boolean;
    };

const DEFAULT_REPEATS: Repeats = { boots: 3, starts: 20, rounds: 5, isLong: false };

export function helpText(
  groups: readonly { readonly name: string; readonly does: string }[],
): string {
  return `Usage: npm run bench -- [options]

Measures Ballast beside baselines in the same run and prints a table on standard output; progress goes to standard
error. The image that was built last is measured. What counts is the ratio: seconds differ from machine to machine.

Groups:
${groups.map(({ name, does }) => `  ${name.padEnd(8)} ${does}`).join("\n")}

Options:
  --only GROUP[,GROUP]  measure these groups only
  --json                print JSON instead of the table
  --out FILE            also write the JSON to this file
  --cold                build the image without any cache, too (the kernel takes long)
  --long                follow the memory of apiserver over 100,000 requests (one to four minutes)
  --boots N             boots of each guest (default ${DEFAULT_REPEATS.boots})
  --starts N            starts of each program (default ${DEFAULT_REPEATS.starts})
  --rounds N            rounds of the memory, api and effect groups (default ${DEFAULT_REPEATS.rounds})
  --help                show this text

Examples:
  npm run bench
  npm run bench -- --only sizes,start --json
  npm run bench -- --only boot --boots 1 --out boot.json

Exit codes: 0 everything was measured, 1 a group failed, 64 wrong usage.
`;
}

const SEE_HELP = "See npm run bench -- --help";

/** Arguments to a command; pure. Throws UsageError. */
export function parseCommand(args: readonly string[], groupNames: readonly string[]): Command {
  const values = parse(args);
  if (values.help === true) return { kind: "help" };
  return {
    kind: "run",
    only: values.only === undefined ? undefined : readGroups(values.only, groupNames),
    repeats: {
      boots: readCount("--boots", values.boots, DEFAULT_REPEATS.boots),
      starts: readCount("--starts", values.starts, DEFAULT_REPEATS.starts),
      rounds: readCount("--rounds", values.rounds, DEFAULT_REPEATS.rounds),
      isLong: values.long === true,
    },
    isJson: values.json === true,
    outFile: values.out,
    isCold: values.cold === true,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        only: { type: "string" },
        json: { type: "boolean" },
        out: { type: "string" },
        cold: { type: "boolean" },
        long: { type: "boolean" },
        boots: { type: "string" },
        starts: { type: "string" },
        rounds: { type: "string" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.split(". ")[0] ?? error.message, SEE_HELP);
  }
}

function readGroups(text: string, known: readonly string[]): string[] {
  const names = text.split(",");
  for (const name of names)
    if (!known.includes(name))
      throw new UsageError(
        `Option --only names ${JSON.stringify(name)}, must name ${known.join(", ")}`,
        SEE_HELP,
      );
  return names;
}

function readCount(option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 1000)
    throw new UsageError(
      `Option ${option} is ${JSON.stringify(text)}, must be a whole number from 1 to 1000`,
      SEE_HELP,
    );
  return value;
}
