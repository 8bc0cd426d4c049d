import type { ApiClient, Call } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import { ApiclientError } from "../apiclient-error.ts";
import type { WorkloadCommand } from "../container-command.ts";
import { runContainers } from "./containers.ts";
import { printJson } from "./print-json.ts";

/**
 * Asks the machine, which says what is missing. A machine of a later version may do it; what comes after the first answer
 * is not built here, and nothing pretends that it is.
 */
export async function runWorkloadCommand(
  context: ProgramContext,
  client: ApiClient,
  command: WorkloadCommand,
): Promise<number> {
  if (command.do === "containers") return runContainers(context, client, command);
  const call = callOf(command);
  const { body } = await client.request(call, { signal: context.signal });
  if (call.method === "GET") {
    await printJson(context, body ?? null, command.do !== "exec" && command.json);
    return EXIT.ok;
  }
  throw new ApiclientError(
    "apiclient.not-built",
    "The machine has begun, but this client cannot follow it yet",
    { exitCode: EXIT.failed, hint: "apiclient update status tells how far it is." },
  );
}

function callOf(command: Exclude<WorkloadCommand, { readonly do: "containers" }>): Call {
  switch (command.do) {
    case "exec":
      return { method: "GET", path: "/exec", upgrade: "websocket" };
    case "update":
      break;
  }
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
