import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import type { Command } from "./command.ts";
import { completionScript } from "./completion.ts";
import { helpText } from "./help.ts";
import { runCall } from "./run-call.ts";

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
    case "context": {
      const { runContext } = await import("./contexts/run-context.ts");
      return runContext(context, command);
    }
    case "call":
      break;
  }
  return runCall(context, command.connection, command.command);
}
