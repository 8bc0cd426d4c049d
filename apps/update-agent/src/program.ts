import { BallastError, describeError, EXIT } from "@ballast/errors";
import type { Program, ProgramContext } from "@ballast/service";
import { createNodeClock, createNodeExec, createNodeFs } from "@ballast/system";
import manifest from "../package.json" with { type: "json" };
import { parseCommand } from "./cli.ts";
import { runStatus } from "./commands/status.ts";
import { HELP } from "./help.ts";
import { statusText } from "./status/status-text.ts";

/** `update-agent`: which release this machine takes, and when it boots it. */
export const program: Program = {
  name: "update-agent",
  run: async (context) => {
    try {
      return await runCommand(context);
    } catch (error) {
      // On standard output too: whoever starts it as a unit reads nothing else.
      if (context.args.includes("--json")) await context.stdout(jsonError(error));
      throw error;
    }
  },
};

async function runCommand({ args, stdout, log, signal }: ProgramContext): Promise<number> {
  const command = parseCommand(args);
  switch (command.do) {
    case "help":
      await stdout(HELP);
      return EXIT.ok;
    case "version":
      await stdout(`update-agent ${manifest.version}\n`);
      return EXIT.ok;
    case "status":
      break;
  }
  const { root, json } = command;
  const status = await runStatus({
    root,
    fs: createNodeFs(root),
    exec: createNodeExec(root),
    clock: createNodeClock(),
    arch: process.arch,
    log,
    signal,
  });
  await stdout(json ? `${JSON.stringify(status)}\n` : statusText(status));
  return EXIT.ok;
}

function jsonError(error: unknown): string {
  const { code, hint } = error instanceof BallastError ? error : { code: "bug", hint: undefined };
  const text = describeError(error);
  const message = hint === undefined ? text : text.slice(0, -`\n${hint}`.length);
  return `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`;
}
