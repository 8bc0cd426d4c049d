import { EXIT } from "@ballast/errors";
import type { UpdateCommand, UpdateState } from "@ballast/model";
import { UpdateAgentError } from "../errors.ts";

/** What must be before, for each state in which a command is of no use. */
const REASONS: Readonly<Record<UpdateState, readonly [reason: string, hint: string]>> = {
  Idle: ["no update is chosen", "Look for updates first."],
  Available: ["no update is prepared", "Prepare it first."],
  Staged: ["it is prepared already", "Activate it."],
  Ready: ["an update boots next already", "Restart the machine, or cancel it first."],
};

interface Reason {
  readonly reason: string;
  readonly hint: string;
}

/** `update-agent.not-allowed`: the state of the machine does not go with the command. */
export function notAllowed(
  command: UpdateCommand,
  state: UpdateState,
  { reason, hint }: Reason = { reason: REASONS[state][0], hint: REASONS[state][1] },
): UpdateAgentError {
  const act = command === "deactivate" ? "cancel" : command;
  return new UpdateAgentError("update-agent.not-allowed", `Cannot ${act} an update: ${reason}`, {
    exitCode: EXIT.badData,
    hint,
    details: { update_state: state },
  });
}
