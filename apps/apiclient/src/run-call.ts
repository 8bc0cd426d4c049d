import { createApiClient, type ApiClient } from "@ballast/api-client";
import type { ProgramContext } from "@ballast/service";
import type { ApiCommand, Connection } from "./command.ts";
import { runExplain } from "./commands/explain.ts";
import { runGet, runGetUri } from "./commands/get.ts";
import { runHealth } from "./commands/health.ts";
import { runLogs } from "./commands/logs.ts";
import { runPower } from "./commands/power.ts";
import { runRaw } from "./commands/raw.ts";
import { runReport } from "./commands/report.ts";
import { runReset } from "./commands/reset.ts";
import { runRollback } from "./commands/rollback.ts";
import { runSet } from "./commands/set.ts";
import { runSettingsCommand } from "./commands/settings.ts";
import { runSlots } from "./commands/slots.ts";
import { runWatch } from "./commands/watch.ts";
import { runWorkloadCommand } from "./commands/container-commands.ts";
import { findPlaces, targetOf } from "./connect.ts";
import { isSettingsCommand } from "./settings-command-table.ts";
import type { SettingsCommand } from "./settings-command.ts";
import { isWorkloadCommand } from "./container-command-table.ts";
import type { WorkloadCommand } from "./container-command.ts";

/** Carries out a command that calls a machine, or several. */
export async function runCall(
  context: ProgramContext,
  connection: Connection,
  command: ApiCommand,
): Promise<number> {
  const places = findPlaces(connection, context.env);
  const [place, another] = places;
  if (place !== undefined && another === undefined)
    return runOne(context, createApiClient(targetOf(place)), command);
  const { runOnMany } = await import("./run-on-many.ts");
  return runOnMany(context, places, command, runOne);
}

async function runOne(
  context: ProgramContext,
  client: ApiClient,
  command: ApiCommand,
): Promise<number> {
  if (isAboutSettings(command)) return runSettingsCommand(context, client, command);
  if (isAboutWorkloads(command)) return runWorkloadCommand(context, client, command);
  switch (command.do) {
    case "get":
      return runGet(context, client, command);
    case "get-uri":
      return runGetUri(context, client, command);
    case "set":
      return runSet(context, client, command);
    case "explain":
      return runExplain(context, client, command);
    case "health":
      return runHealth(context, client, command);
    case "slots":
      return runSlots(context, client, command);
    case "rollback":
      return runRollback(context, client, command);
    case "reset":
      return runReset(context, client, command);
    case "watch":
      return runWatch(context, client, command);
    case "logs":
      return runLogs(context, client, command);
    case "report":
      return runReport(context, client, command);
    case "update": {
      // Loaded only here: it has much to say.
      const { runUpdate } = await import("./commands/update.ts");
      return runUpdate(context, client, command);
    }
    case "raw":
      return runRaw(context, client, command.call);
    case "reboot":
    case "shutdown":
      break;
  }
  return runPower(context, client, command);
}

function isAboutSettings(command: ApiCommand): command is SettingsCommand {
  return isSettingsCommand(command.do);
}

function isAboutWorkloads(command: ApiCommand): command is WorkloadCommand {
  return isWorkloadCommand(command.do);
}
