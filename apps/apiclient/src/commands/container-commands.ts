import type { ApiClient } from "@ballast/api-client";
import type { ProgramContext } from "@ballast/service";
import type { WorkloadCommand } from "../container-command.ts";
import { runContainers } from "./containers.ts";

export async function runWorkloadCommand(
  context: ProgramContext,
  client: ApiClient,
  command: WorkloadCommand,
): Promise<number> {
  if (command.do === "containers") return runContainers(context, client, command);
  // Loaded only here: no other command needs a websocket.
  const { runExec } = await import("../exec/run-exec.ts");
  return runExec(context, client.target, command);
}
