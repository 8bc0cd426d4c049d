import { BallastError, describeError, EXIT } from "@ballast/errors";
import type { Program, ProgramContext } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { completionScript } from "./completion.ts";
import { helpText } from "./help.ts";
import { runParameters } from "./parameters.ts";
import { MACHINE, type Places } from "./places.ts";
import { runReader, runWriter } from "./run.ts";

/** `signpost`: which slot boots, and the verdict over the one that did. */
export const program: Program = {
  name: "signpost",
  run: (context) => runSignpost(context, MACHINE),
};

export async function runSignpost(context: ProgramContext, places: Places): Promise<number> {
  try {
    return await runCommand(context, places);
  } catch (error) {
    // On standard output too: whoever starts signpost as a unit reads nothing else.
    if (context.args.includes("--json")) await context.stdout(jsonError(error));
    throw error;
  }
}

async function runCommand(context: ProgramContext, places: Places): Promise<number> {
  const command = parseCommand(context.args);
  const { stdout, log, signal } = context;
  const run = { stdout, log, signal, randomUuid: () => crypto.randomUUID() };
  switch (command.do) {
    case "help":
      await context.stdout(helpText(command.topic));
      return EXIT.ok;
    case "version":
      await context.stdout(`signpost ${manifest.version}\n`);
      return EXIT.ok;
    case "completion":
      await context.stdout(completionScript(command.shell));
      return EXIT.ok;
    case "status":
    case "has-boot-ever-succeeded":
      return runReader(run, command, places);
    case "write-parameters":
    case "prove-parameters":
      return runParameters(run, command, places);
    case "mark-successful-boot":
    case "refill-tries":
    case "clear-inactive":
    case "set-slot-uuids":
    case "mark-inactive-valid":
    case "upgrade-to-inactive":
    case "cancel-upgrade":
    case "rollback-to-inactive":
    case "request-reset":
    case "cancel-reset":
    case "clear-reset":
    case "rewrite-table":
      break;
  }
  return runWriter(run, command, places);
}

function jsonError(error: unknown): string {
  const { code, hint } = error instanceof BallastError ? error : { code: "bug", hint: undefined };
  const text = describeError(error);
  const message = hint === undefined ? text : text.slice(0, -`\n${hint}`.length);
  return `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`;
}
