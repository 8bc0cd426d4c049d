import { describeError } from "@ballast/errors";
import * as z from "zod";
import type { AgentContext } from "../context.ts";
import { PATHS } from "../paths.ts";
import type { ScheduledCommand } from "./memory.ts";

type Parts = Pick<AgentContext, "exec" | "fs">;

export type Outcome =
  | { readonly kind: "done" }
  | { readonly kind: "running" }
  /** Somebody else runs a command: nothing was tried. */
  | { readonly kind: "busy" }
  | { readonly kind: "failed"; readonly reason: string };

/** What looks at the repository and at the table is over in this time. */
const SHORT_LIMIT_MS = 10 * 60_000;
const BUSY = "update-agent.busy";

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

/** Runs a command as the API server does, so that it is seen, stopped and answered alike. Writing a release is not waited for. */
export async function runUnit(parts: Parts, command: ScheduledCommand): Promise<Outcome> {
  const isLong = command === "prepare";
  try {
    const { exitCode, stderr } = await parts.exec.run({
      file: PATHS.systemctl,
      args: ["--no-ask-password", "start", ...(isLong ? ["--no-block"] : []), unitOf(command)],
      timeoutMs: SHORT_LIMIT_MS,
    });
    if (exitCode !== 0) return { kind: "failed", reason: stderr.trim() };
  } catch (error) {
    return { kind: "failed", reason: describeError(error) };
  }
  return isLong ? { kind: "running" } : readAnswer(parts, command);
}

/** How a command that was not waited for has ended, if it has. */
export async function outcomeOf(parts: Parts, command: ScheduledCommand): Promise<Outcome> {
  const { stdout } = await parts.exec.run({
    file: PATHS.systemctl,
    args: ["show", "--property=ActiveState,Job", unitOf(command)],
  });
  const isOver = /^ActiveState=(?:inactive|failed)$/m.test(stdout);
  const isQueued = /^Job=[1-9]/m.test(stdout);
  return isOver && !isQueued ? readAnswer(parts, command) : { kind: "running" };
}

async function readAnswer({ fs }: Parts, command: ScheduledCommand): Promise<Outcome> {
  const path = `${PATHS.answers}/${command}.json`;
  try {
    const answer: unknown = JSON.parse((await fs.readText(path)) ?? "");
    const refusal = Refusal.safeParse(answer);
    if (!refusal.success) return { kind: "done" };
    const { code, message } = refusal.data.error;
    return code === BUSY ? { kind: "busy" } : { kind: "failed", reason: message };
  } catch {
    // The unit empties the file when it starts: the program was ended before it could answer.
    return { kind: "failed", reason: "it left no answer" };
  }
}

function unitOf(command: ScheduledCommand): string {
  return `update-agent@${command}.service`;
}
