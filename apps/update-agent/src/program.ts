import { BallastError, describeError, EXIT } from "@ballast/errors";
import type { Program, ProgramContext } from "@ballast/service";
import { createNodeClock, createNodeExec, createNodeFs } from "@ballast/system";
import manifest from "../package.json" with { type: "json" };
import { parseCommand, type CommandName } from "./cli.ts";
import { runActivate } from "./commands/activate.ts";
import { runCancel } from "./commands/cancel.ts";
import { runCheck } from "./commands/check.ts";
import { runPlan } from "./commands/plan.ts";
import { runPrepare } from "./commands/prepare.ts";
import { runStatus } from "./commands/status.ts";
import { realPath, type AgentContext } from "./context.ts";
import { HELP } from "./help.ts";
import { PATHS } from "./paths.ts";
import { planText } from "./plan/plan-text.ts";
import { machineOf } from "./schedule/ask-machine.ts";
import { runTick, tickText } from "./schedule/tick.ts";
import { withReserve } from "./state/reserve.ts";
import { statusText } from "./status/status-text.ts";

/** Those that answer with how things are after them. */
const STATUS_COMMANDS = {
  status: runStatus,
  check: runCheck,
  prepare: runPrepare,
  activate: runActivate,
  cancel: runCancel,
} as const;

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

async function runCommand(edge: ProgramContext): Promise<number> {
  const { args, env, stdout, log, signal } = edge;
  const command = parseCommand(args);
  switch (command.do) {
    case "help":
      await stdout(HELP);
      return EXIT.ok;
    case "version":
      await stdout(`update-agent ${manifest.version}\n`);
      return EXIT.ok;
    case "status":
    case "check":
    case "plan":
    case "prepare":
    case "activate":
    case "cancel":
    case "tick":
      break;
  }
  const { root, json } = command;
  const reserve = { path: realPath({ root }, PATHS.reserve), log };
  const context = {
    ...{ root, env, log, signal },
    fs: withReserve(createNodeFs(root), reserve),
    exec: createNodeExec(root),
    clock: createNodeClock(),
    arch: process.arch,
  };
  const answer = await runCommandOf(context, command.do);
  await stdout(json ? `${JSON.stringify(answer.value)}\n` : answer.text);
  return EXIT.ok;
}

interface Answer {
  readonly value: unknown;
  readonly text: string;
}

async function runCommandOf(context: AgentContext, name: CommandName): Promise<Answer> {
  if (name === "plan") {
    const plan = await runPlan(context);
    return { value: plan, text: planText(plan) };
  }
  if (name === "tick") {
    const report = await runTick({ ...context, ...machineOf(context) });
    return { value: report, text: tickText(report) };
  }
  const status = await STATUS_COMMANDS[name](context);
  return { value: status, text: statusText(status) };
}

function jsonError(error: unknown): string {
  const { code, hint } = error instanceof BallastError ? error : { code: "bug", hint: undefined };
  const text = describeError(error);
  const message = hint === undefined ? text : text.slice(0, -`\n${hint}`.length);
  return `${JSON.stringify({ error: { code, message, hint: hint ?? null } })}\n`;
}
