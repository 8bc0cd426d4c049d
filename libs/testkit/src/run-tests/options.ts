import { parseArgs } from "node:util";
import { UsageError } from "@ballast/errors";
import type { Part } from "./stages.ts";

export const HELP = `Usage: npm test -- [options]

Checks types and lint, runs the unit tests, builds and runs the integration tests, builds the image and boots it in
the VM tests. The last line is "N passed, N failed".

  --only PART   run one part only: unit, integration or vm
  --help        show this text
`;

export interface RunOptions {
  readonly isHelp: boolean;
  readonly only: Part | undefined;
}

export function parseRunOptions(args: readonly string[]): RunOptions {
  const { values } = parse(args);
  return { isHelp: values.help === true, only: readPart(values.only) };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { only: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message.split(". ")[0] ?? error.message, "See npm test -- --help");
  }
}

function readPart(text: string | undefined): Part | undefined {
  if (text === undefined || text === "unit" || text === "integration" || text === "vm") return text;
  throw new UsageError(
    `Option --only is ${JSON.stringify(text)}, must be unit, integration or vm`,
    "See npm test -- --help",
  );
}
