import type { Program } from "@ballast/service";
import { createNodeFs } from "@ballast/system";
import { parseCommand } from "./cli.ts";
import { run } from "./run.ts";

/** `ballast-config`: settings in TypeScript to user data. */
export const program: Program = {
  name: "ballast-config",
  run: async (context) => run(context, createNodeFs(), parseCommand(context.args)),
};
