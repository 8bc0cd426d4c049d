import type { Program } from "@ballast/service";
import { parseCommand } from "./cli.ts";
import { run } from "./run.ts";

/** `apiclient`: the API on the command line. */
export const program: Program = {
  name: "apiclient",
  run: async (context) => run(context, parseCommand(context.args)),
};
