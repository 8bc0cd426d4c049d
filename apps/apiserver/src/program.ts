import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { runConfigure } from "./configure/run-configure.ts";
import { runServe } from "./serve/run-serve.ts";
import { HELP } from "./help.ts";

export const program: Program = {
  name: "apiserver",
  run: async (context) => {
    const command = parseCommand(context.args);
    if (command.kind === "serve") return runServe(command, context);
    if (command.kind === "configure") return runConfigure(command, context);
    await context.stdout(command.kind === "help" ? HELP : `apiserver ${manifest.version}\n`);
    return EXIT.ok;
  },
};
