import { act, getUpdatesStatus, safeText, type ApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { tellObjections } from "./inhibit.ts";

/** Somebody who restarts a machine does not wait long to hear what it comes up with. */
const LOOK_MS = 3000;

interface PowerCommand {
  readonly do: "reboot" | "shutdown";
  readonly json: boolean;
}

export async function runPower(
  context: ProgramContext,
  client: ApiClient,
  { do: action, json }: PowerCommand,
): Promise<number> {
  const { stdout, signal } = context;
  await tellObjections(context, client);
  const version = action === "reboot" ? await nextVersion(client, signal) : undefined;
  await act(client, action, { signal });
  const next = version === undefined ? {} : { version };
  if (json) await stdout(`${JSON.stringify({ accepted: action, ...next })}\n`);
  else if (version !== undefined) await stdout(`The machine restarts into ${safeText(version)}\n`);
  return EXIT.ok;
}

/** The update that boots next, if there is one and the machine can tell. */
async function nextVersion(client: ApiClient, signal: AbortSignal): Promise<string | undefined> {
  try {
    const status = await getUpdatesStatus(client, { signal, timeoutMs: LOOK_MS });
    return status.update_state === "Ready" ? status.staging_partition?.image.version : undefined;
  } catch {
    // Whatever is wrong with updates, restarting is what was asked for.
    signal.throwIfAborted();
    return undefined;
  }
}
