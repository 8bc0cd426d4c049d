import type { UpdateRequest } from "@ballast/model";
import type { Exec, Fs } from "@ballast/system";
import { ApiError } from "../api-error.ts";
import { PATHS } from "../paths.ts";
import type { AnsweringUnit } from "../units/unit-answer.ts";

/** Commands of the update agent that this server has run. */
export type AgentCommand = "status" | "check" | "plan" | "prepare" | "activate" | "cancel";

export interface AgentParts {
  readonly exec: Exec;
  readonly fs: Fs;
}

export function agentUnit(command: AgentCommand): AnsweringUnit {
  return {
    unit: `update-agent@${command}.service`,
    name: `update-agent ${command}`,
    answer: `${PATHS.updateAnswers}/${command}.json`,
  };
}

function requestFile(command: AgentCommand): string {
  return `${PATHS.updateRequests}/${command}.json`;
}

/** Leaves what is asked of the next run, which takes the file away. */
export async function leaveRequest(
  { fs }: AgentParts,
  command: AgentCommand,
  request: UpdateRequest,
): Promise<void> {
  await fs.writeDurable(requestFile(command), JSON.stringify(request), 0o600);
}

/** Takes back a request that no run has taken; answers whether there was one. A later run must not find it. */
export async function takeBackRequest({ fs }: AgentParts, command: AgentCommand): Promise<boolean> {
  const isLeft = await fs.exists(requestFile(command));
  if (isLeft) await fs.remove(requestFile(command));
  return isLeft;
}

export function isRequestTaken({ fs }: AgentParts, command: AgentCommand): Promise<boolean> {
  return fs.exists(requestFile(command)).then((isLeft) => !isLeft);
}

/** Whether one of the units is at work, or about to be. */
export async function isAtWork({ exec }: AgentParts, units: readonly string[]): Promise<boolean> {
  // Its exit code tells whether one is "active", which a oneshot unit never is.
  const { stdout } = await exec.run({
    file: PATHS.systemctl,
    args: ["--no-ask-password", "is-active", ...units],
    timeoutMs: 10_000,
  });
  return stdout.split("\n").some((state) => AT_WORK.has(state));
}

const AT_WORK: ReadonlySet<string> = new Set(["active", "activating", "deactivating", "reloading"]);

export function busy(): ApiError {
  return new ApiError("apiserver.update-busy", "The update agent is at work already", {
    hint: "GET /updates/status tells how far it is; POST /actions/deactivate-update stops it.",
  });
}
