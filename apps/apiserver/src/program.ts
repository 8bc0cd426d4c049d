import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { HELP } from "./help.ts";

// What only one command needs is loaded by that command: schemas and network of the server take three starts of Node.
export const program: Program = {
  name: "apiserver",
  run: async (context) => {
    const command = parseCommand(context.args);
    if (command.kind === "serve") {
      const { runServe } = await import("./serve/run-serve.ts");
      return runServe(command, context);
    }
    if (command.kind === "configure") {
      const { runConfigure } = await import("./configure/run-configure.ts");
      return runConfigure(command, context);
    }
    await context.stdout(command.kind === "help" ? HELP : `apiserver ${manifest.version}\n`);
    return EXIT.ok;
  },
};
