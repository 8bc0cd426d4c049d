import { EXIT } from "@ballast/errors";
import type { ProgramContext } from "@ballast/service";
import type { Fs } from "@ballast/system";
import manifest from "../package.json" with { type: "json" };
import type { Command } from "./cli.ts";
import { HELP } from "./help.ts";

/** Carries a command out; resolves with the exit code. What needs the schemas is loaded only with its command. */
export async function run(context: ProgramContext, fs: Fs, command: Command): Promise<number> {
  switch (command.do) {
    case "help":
      await context.stdout(HELP);
      return EXIT.ok;
    case "version":
      await context.stdout(`ballast-config ${manifest.version}\n`);
      return EXIT.ok;
    case "check": {
      const { runCheck } = await import("./run-check.ts");
      return runCheck(context, fs, command);
    }
    case "list":
    case "print":
    case "write": {
      const { runMachines } = await import("./run-machines.ts");
      await runMachines(context, fs, command);
      break;
    }
  }
  return EXIT.ok;
}
