import { act, createApiClient } from "@ballast/api-client";
import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import type { ApiCommand, Command, Connection } from "./command.ts";
import { runGet, runGetUri } from "./commands/get.ts";
import { runHealth } from "./commands/health.ts";
import { runLogs } from "./commands/logs.ts";
import { runRaw } from "./commands/raw.ts";
import { runRollback } from "./commands/rollback.ts";
import { runSet } from "./commands/set.ts";
import { runSettingsCommand } from "./commands/settings.ts";
import { runSlots } from "./commands/slots.ts";
import { runWatch } from "./commands/watch.ts";
import { completionScript } from "./completion.ts";
import { findTarget } from "./connect.ts";
import { helpText } from "./help.ts";
import { isSettingsCommand } from "./settings-command-table.ts";
import type { SettingsCommand } from "./settings-command.ts";

/** Carries a command out; resolves with the exit code. */
export async function run(context: ProgramContext, command: Command): Promise<number> {
  switch (command.do) {
    case "help":
      await context.stdout(helpText(command.topic));
      return EXIT.ok;
    case "version":
      await context.stdout(`apiclient ${manifest.version}\n`);
      return EXIT.ok;
    case "completion":
      await context.stdout(completionScript(command.shell));
      return EXIT.ok;
    case "bootstrap": {
      // Loaded only here: the certificate library would more than double the start of every other command.
      const { runBootstrap } = await import("./bootstrap/run-bootstrap.ts");
      return runBootstrap(context, command);
    }
    case "certs": {
      const { runCertsRotate } = await import("./certs/run-rotate.ts");
      return runCertsRotate(context, command);
    }
    case "call":
      break;
  }
  return call(context, command.connection, command.command);
}

async function call(
  context: ProgramContext,
  connection: Connection,
  command: ApiCommand,
): Promise<number> {
  const client = createApiClient(findTarget(connection, context.env));
  if (isAboutSettings(command)) return runSettingsCommand(context, client, command);
  switch (command.do) {
    case "get":
      return runGet(context, client, command.prefixes);
    case "get-uri":
      return runGetUri(context, client, command.uri);
    case "set":
      return runSet(context, client, command);
    case "health":
      return runHealth(context, client, command);
    case "slots":
      return runSlots(context, client, command);
    case "rollback":
      return runRollback(context, client, command);
    case "watch":
      return runWatch(context, client, command);
    case "logs":
      return runLogs(context, client, command);
    case "raw":
      return runRaw(context, client, command.call);
    case "reboot":
    case "shutdown":
      break;
  }
  await act(client, command.do, { signal: context.signal });
  return EXIT.ok;
}

function isAboutSettings(command: ApiCommand): command is SettingsCommand {
  return isSettingsCommand(command.do);
}
