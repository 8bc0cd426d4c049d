import { EXIT } from "@ballast/errors";
import type { Program } from "@ballast/service";
import { HELP, parseCommand } from "./options.ts";
import { start } from "./start.ts";

/** `npm start`. */
export const program: Program = {
  name: "ballast-vm",
  async run(context) {
    const command = parseCommand(context.args);
    if (command.kind === "start") return start(command, context);
    await context.stdout(HELP);
    return EXIT.ok;
  },
};
