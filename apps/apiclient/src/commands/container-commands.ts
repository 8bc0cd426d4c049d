import type { ApiClient, Call } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import type { WorkloadCommand } from "../container-command.ts";
import { runContainers } from "./containers.ts";
import { printJson } from "./print-json.ts";

/**
 * Of updates it asks the machine, which says what is missing. A machine of a later version may do it; what comes after the first answer
 * is not built here, and nothing pretends that it is.
 */
export async function runWorkloadCommand(
  context: ProgramContext,
  client: ApiClient,
  command: WorkloadCommand,
): Promise<number> {
  if (command.do === "containers") return runContainers(context, client, command);
  if (command.do === "exec") {
    // Loaded only here: no other command needs a websocket.
    const { runExec } = await import("../exec/run-exec.ts");
    return runExec(context, client.target, command);
  }
  const call = callOf(command);
  const { body } = await client.request(call, { signal: context.signal });
  if (call.method === "GET") {
    await printJson(context, body ?? null, command.json);
    return EXIT.ok;
  }
  throw new ApiclientError(
    "apiclient.not-built",
    "The machine has begun, but this client cannot follow it yet",
    { exitCode: EXIT.failed, hint: "apiclient update status tells how far it is." },
  );
}

function callOf(command: Extract<WorkloadCommand, { readonly do: "update" }>): Call {
  switch (command.verb) {
    case "status":
      return { method: "GET", path: "/updates/status" };
    case "check":
      return { method: "POST", path: "/actions/refresh-updates" };
    case "apply":
      return {
        method: "POST",
        path: command.check ? "/actions/refresh-updates" : "/actions/prepare-update",
      };
    case "cancel":
      break;
  }
  return { method: "POST", path: "/actions/deactivate-update" };
}
