import { confirmTry, getTry, revertTry, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import { tellReport } from "./transaction.ts";

interface TryEndCommand {
  readonly do: "confirm" | "revert";
  readonly token: string | undefined;
  readonly json: boolean;
}

/** Keeps the commit that waits to be confirmed, or takes it back at once. */
export async function runTryEnd(
  context: ProgramContext,
  client: ApiClient,
  command: TryEndCommand,
): Promise<number> {
  const options = { signal: context.signal };
  const token = command.token ?? (await waitingToken(client, context.signal));
  if (command.do === "revert")
    return tellReport(context, await revertTry(client, token, options), command);
  await confirmTry(client, token, options);
  await context.stdout(command.json ? `${JSON.stringify({ confirmed: token })}\n` : "Confirmed\n");
  return EXIT.ok;
}

async function waitingToken(client: ApiClient, signal: AbortSignal): Promise<string> {
  const { waiting } = await getTry(client, { signal });
  if (waiting !== null) return waiting.token;
  throw new ApiclientError("apiclient.nothing-waits", "No change waits to be confirmed", {
    hint: 'It was confirmed or taken back before; "apiclient history" tells.',
  });
}
