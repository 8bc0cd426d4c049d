import { resetMachine, type ApiClient } from "@ballast/api-client";
import { EXIT, UsageError } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { askTerminal } from "../ask-terminal.ts";

interface ResetCommand {
  readonly data: boolean;
  readonly yes: boolean;
  readonly json: boolean;
}

export async function runReset(
  context: ProgramContext,
  client: ApiClient,
  { data, yes, json }: ResetCommand,
): Promise<number> {
  if (!yes && !(await isConfirmed(context, data))) {
    context.stderr("apiclient: nothing was reset\n");
    return EXIT.failed;
  }
  const report = await resetMachine(client, data, { signal: context.signal });
  const parts = report.data ? "STATE and DATA are" : "STATE is";
  await context.stdout(
    json ? `${JSON.stringify(report)}\n` : `The machine restarts now, and ${parts} made anew\n`,
  );
  return EXIT.ok;
}

async function isConfirmed(context: ProgramContext, data: boolean): Promise<boolean> {
  const lost = data
    ? "all settings, their history, containers, volumes and logs"
    : "all settings and their history";
  const question = `This machine loses ${lost}, and restarts. Type "reset" to go on: `;
  const answer = await askTerminal(context, question);
  if (answer !== undefined) return answer.trim() === "reset";
  throw new UsageError(
    "Cannot run apiclient reset: there is no terminal to ask on",
    "Give --yes if you mean it.",
  );
}
